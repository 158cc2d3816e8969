# One command per line: CLIENT METHOD URL. One answer per line: the status, or "error" and why.
require 'net/http'
$stdout.sync = true
sessions = {}
puts 'ready'
$stdin.each_line do |line|
  _, method, url = line.split
  uri = URI(url)
  begin
    session = sessions[uri.host] ||= Net::HTTP.start(uri.host, uri.port, nil)
    puts session.send_request(method, uri.request_uri, method == 'GET' ? nil : 'x=1').code
  rescue StandardError => e
    puts "error #{e.class}"
  end
end
