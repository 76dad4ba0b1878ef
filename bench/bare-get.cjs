// The yardstick of a warm `usc get`: the same request with the token in hand.
const https = require("node:https");
https.get(process.env.URL, { headers: { authorization: `Bearer ${process.env.TOKEN}` } }, (response) => {
  let body = "";
  response.on("data", (chunk) => (body += chunk));
  response.on("end", () => console.log(JSON.parse(body).value));
});
