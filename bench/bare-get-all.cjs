// The yardstick of `usc get-all`: follow nextLink, then read each value, 32 at a time on connections that stay, and print once.
const https = require("node:https");
const agent = new https.Agent({ keepAlive: true, maxSockets: 32 });
const ask = (url, then) =>
  https.get(url, { agent, headers: { authorization: `Bearer ${process.env.TOKEN}` } }, (response) => {
    let body = "";
    response.on("data", (chunk) => (body += chunk));
    response.on("end", () => then(JSON.parse(body)));
  });
const ids = [];
const found = [];
let next = 0;
const read = () => {
  const index = next++;
  if (index < ids.length) {
    return ask(`${ids[index]}?api-version=7.4`, ({ value }) => {
      found[index] = { id: ids[index], value };
      read();
    });
  }
  if (index === ids.length + 31) {
    console.log(JSON.stringify(found));
    process.exit();
  }
};
const page = (url) =>
  ask(url, ({ value, nextLink }) => {
    for (const item of value) ids.push(item.id);
    if (nextLink) return page(nextLink);
    for (let index = 0; index < 32; index += 1) read();
  });
page(process.env.URL);
