import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { localAzure } from "../support/local-azure.ts";

const lab = await localAzure();
afterAll(() => lab.stop());

it.each([
  ["get", ["get", "--usc-name", "kv", "-s", "x"]],
  ["list", ["list", "--usc-name", "kv"]],
])("a warm %s loads nothing that it does not use", async (_, argv) => {
  await lab.usc(["create", "--usc-name", "kv", "-s", "x", "-v", "1", "--overwrite"]);
  const spy = join(lab.folder, "spy.cjs");
  writeFileSync(
    spy,
    `const fs = require("node:fs");
    const { Socket } = require("node:net");
    const opened = [];
    let atDial;
    Socket.prototype.connect = ((connect) => function (...where) {
      atDial ??= process.moduleLoadList.filter((name) => /NativeModule (https|_tls_wrap)$/u.test(name));
      return connect.apply(this, where);
    })(Socket.prototype.connect);
    fs.readFileSync = ((read) => (path, ...more) => (opened.push(String(path)), read(path, ...more)))(fs.readFileSync);
    process.on("exit", () => fs.writeSync(2, JSON.stringify({ used: [...process.moduleLoadList, ...opened], atDial })));`,
  );
  const ran = await lab.usc(argv, { nodeFlags: ["--require", spy] });
  expect(ran.exit).toBe(0);
  const { used, atDial } = JSON.parse(ran.stderr) as { used: string[]; atDial?: string[] };
  // TLS is loaded while TCP's handshake is under way.
  expect(atDial).toEqual([]);
  const heavy = used.filter((name) =>
    /undici|http2|worker_threads|internal\/webstreams\/(readable|transform)|child_process|readline|node:zlib|NativeModule zlib|dist\/zod-/u.test(
      name,
    ),
  );
  expect(heavy).toEqual([]);
});
