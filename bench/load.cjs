// Requests over 64 kept connections: COUNT of them to URL/usc-get with BODIES in turn. Says how many failed, and the seconds that it took.
const { Agent, request } = require("node:http");
const { URL: url, BODIES: texts, COUNT: count } = process.env;
const connections = 64;
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const bodies = JSON.parse(texts);
const one = (body) =>
  new Promise((resolve) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const asked = request(`${url}/usc-get`, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode === 200 ? 0 : 1));
    });
    asked.on("error", () => resolve(1));
    asked.end(body);
  });
let left = Number(count);
let failed = 0;
const worker = async () => {
  while (--left >= 0) failed += await one(bodies[left % bodies.length]);
};
const began = performance.now();
void Promise.all(Array.from({ length: connections }, worker)).then(() => {
  console.log(JSON.stringify({ failed, seconds: (performance.now() - began) / 1000 }));
  process.exit(0);
});
