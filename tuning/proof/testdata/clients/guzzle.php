<?php
// One command per line: CLIENT METHOD URL. One answer per line: the status, or "error" and why.
require_once 'GuzzleHttp/autoload.php';

$client = new GuzzleHttp\Client(['proxy' => '']);
echo "ready\n";
while (($line = fgets(STDIN)) !== false) {
    [, $method, $url] = explode(' ', trim($line));
    try {
        $options = $method === 'GET' ? [] : ['body' => 'x=1'];
        echo $client->request($method, $url, $options)->getStatusCode(), "\n";
    } catch (Throwable $e) {
        echo 'error ', get_class($e), "\n";
    }
}
