'use strict';
// One command per line: CLIENT METHOD URL. One answer per line: the status, or "error" and why.
const http = require('node:http');
const readline = require('node:readline');
const undici = require('undici');
const { HttpAgent } = require('agentkeepalive');
const axios = require('axios').default;

const body = (method) => (method === 'GET' ? undefined : 'x=1');

function request(agent, method, url) {
  return new Promise((resolve, reject) => {
    const r = http.request(url, { method, agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
      response.on('error', reject);
    });
    r.on('error', reject);
    r.end(body(method));
  });
}

const pool = new undici.Agent();
const kept = new HttpAgent();
const clients = {
  node: (method, url) => request(http.globalAgent, method, url),
  agentkeepalive: (method, url) => request(kept, method, url),
  async undici(method, url) {
    const response = await undici.request(url, { method, body: body(method), dispatcher: pool });
    await response.body.dump();
    return response.statusCode;
  },
  async axios(method, url) {
    const response = await axios.request({ method, url, data: body(method), proxy: false });
    return response.status;
  },
};

const lines = readline.createInterface({ input: process.stdin });
console.log('ready');
lines.on('line', async (line) => {
  const [client, method, url] = line.split(' ');
  try {
    console.log(await clients[client](method, url));
  } catch (e) {
    console.log('error ' + (e.code || e.message).replace(/\s+/g, ' '));
  }
});
lines.on('close', () => process.exit(0));
