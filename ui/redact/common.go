package redact

// common are words that say nothing of anybody: of English, of networks, and of
// configurations.
const common = `
the and for are was were with without that this these those from into over under after before between
not but has have had does did done can may must will would should one two three first second last next other others
all any each every both none more most less least only also than then there here where when which who whose what why how
yes off never always same such very much many few own new old long short high low good bad right wrong left out its their your you they them
time times seconds minutes hours days milliseconds value values setting settings default unset unknown
client server proxy backend frontend upstream downstream host hosts port ports path paths address addresses name names
listen location directory virtual virtualhost match route router service services pool cluster worker workers process thread
connection connections connect connected socket sockets request requests response responses reply session sessions
http https tcp tls udp unix url uri get post put head delete options localhost default_server http1 http2 h2
keep keepalive keep-alive alive idle timeout timeouts close closed closes reset open opened send sent read reads write wrote
error errors warning warnings info note file files line lines true false null text json number count
global main include includes config configuration version server_name proxy_pass proxy_http_version ssl certificate
https://json.schemastore.org/sarif-2.1.0.json driver tool rules results level message locations text status justification suppressions external accepted parameter kind
testsuite testcase classname failures failure skipped type tests xml encoding utf-8 http://www.w3.org/2000/svg svg rect width height fill white stroke none
conn role state after_s close bytes_before_close exact why rtt_s rto_s resent unanswered schema target notes endpoint system param origin where at leg suppress rule reason typed
timed out refused reset peer lookup dial unreachable handshake
built-in built keeptune legs leg hop hops side sides limit limits verdict race stale unbounded margin
`
