// The yardstick of due rotations: the same requests, four rotations at a time on connections that stay, and nothing beside.
const https = require("node:https");
const { GRAPH, LOGIN, CLIENT, SECRET, COUNT } = process.env;
const agent = new https.Agent({ keepAlive: true, maxSockets: 4 });
const ask = (method, url, headers, body) =>
  new Promise((resolve, reject) => {
    const outgoing = https.request(url, { method, agent, headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve(text === "" ? {} : JSON.parse(text)));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
const login = async (secret) => {
  const form = {
    grant_type: "client_credentials",
    client_id: CLIENT,
    client_secret: secret,
    scope: "https://graph.microsoft.com/.default",
  };
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return (await ask("POST", LOGIN, headers, new URLSearchParams(form).toString())).access_token;
};
const rotateAll = async (token, next) => {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const at = `${GRAPH}/v1.0/applications(appId='${CLIENT}')`;
  while (next() < Number(COUNT)) {
    await ask("GET", `${at}?$select=appId,signInAudience,passwordCredentials`, headers);
    const body = JSON.stringify({ passwordCredential: { displayName: "bare" } });
    const { keyId, secretText } = await ask("POST", `${at}/addPassword`, headers, body);
    for (let count = 0; count < 3; count += 1) await login(secretText);
    await ask("POST", `${at}/removePassword`, headers, JSON.stringify({ keyId }));
  }
};
void (async () => {
  const token = await login(SECRET);
  let index = 0;
  await Promise.all(Array.from({ length: 4 }, () => rotateAll(token, () => index++)));
})();
