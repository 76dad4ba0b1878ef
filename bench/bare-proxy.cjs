// The least that a gateway could be: hono, and a GET of the same secrets by kept connections.
const { serve } = require("@hono/node-server");
const { Hono } = require("hono");
const { Agent, request } = require("node:https");
const { URLS: texts, TOKEN: token } = process.env;
const urls = JSON.parse(texts);
let next = 0;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const fetchSecret = () =>
  new Promise((resolve, reject) => {
    const asked = request(urls[next++ % urls.length], { agent, headers: { authorization: `Bearer ${token}` } }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => resolve([answer.statusCode, Buffer.concat(chunks).toString()]));
      answer.on("error", reject);
    });
    asked.on("error", reject);
    asked.end();
  });
const app = new Hono();
app.post("/usc-get", async (context) => {
  await context.req.json();
  const [status, body] = await fetchSecret();
  return context.body(body, status, { "content-type": "application/json" });
});
serve({ fetch: (asked, env) => app.fetch(asked, env), port: 0, hostname: "127.0.0.1" }, ({ port }) =>
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` })),
);
