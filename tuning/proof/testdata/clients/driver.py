"""One command per line: CLIENT METHOD URL. One answer per line: the status, or "error" and why."""
import asyncio
import sys
import threading

import aiohttp
import httpx
import requests
import urllib3

loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()


def run(task):
    return asyncio.run_coroutine_threadsafe(task, loop).result()


async def session():
    return aiohttp.ClientSession()


pools = {
    "requests": requests.Session(),
    "urllib3": urllib3.PoolManager(),
    "httpx": httpx.Client(trust_env=False),
    "aiohttp": run(session()),
}
pools["requests"].trust_env = False


async def by_aiohttp(method, url, body):
    async with pools["aiohttp"].request(method, url, data=body) as response:
        await response.read()
        return response.status


def request(client, method, url):
    body = None if method == "GET" else b"x=1"
    if client == "requests":
        return pools[client].request(method, url, data=body).status_code
    if client == "urllib3":
        return pools[client].request(method, url, body=body).status
    if client == "httpx":
        return pools[client].request(method, url, content=body).status_code
    return run(by_aiohttp(method, url, body))


print("ready", flush=True)
for line in sys.stdin:
    try:
        print(request(*line.split()), flush=True)
    except Exception as e:
        print("error", type(e).__name__, flush=True)
