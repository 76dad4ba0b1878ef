import { lookup } from "node:dns/promises";
import { describe, expect, it } from "vitest";
import { flagsOf } from "../../src/processes/gateway-flags.ts";
import { placeOf } from "../../src/processes/gateway-place.ts";

const placeFor = async (argv: readonly string[], environment: Record<string, string> = {}) => {
  const flags = flagsOf(argv, environment);
  if (flags === undefined) throw new Error("help");
  return placeOf(flags);
};
const beyond = { code: "usage", message: expect.stringContaining("can be reached from other machines") };
const invalid = { code: "usage", message: expect.stringContaining("--listen is not valid") };

describe("G15 where the gateway listens without TLS", () => {
  it.each([
    ["127.0.0.1:8000", "127.0.0.1", 8000],
    ["127.0.0.2:0", "127.0.0.2", 0],
    ["[::1]:8000", "::1", 8000],
    ["[0:0:0:0:0:0:0:1]:65535", "0:0:0:0:0:0:0:1", 65_535],
    ["[::ffff:127.0.0.1]:80", "::ffff:127.0.0.1", 80],
  ])("%s is this machine", async (listen, host, port) => {
    expect(await placeFor(["--listen", listen])).toMatchObject({ host, port });
  });

  it("localhost is the address that it leads to", async () => {
    const { host, allowedHosts } = await placeFor(["--listen", "localhost:8000"]);
    expect(host).toBe((await lookup("localhost")).address);
    expect(allowedHosts).toEqual(["localhost"]);
  });

  it.each([
    "0.0.0.0:8000",
    "0:8000",
    "[::]:8000",
    "[::ffff:0:0]:8000",
    "[::ffff:0.0.0.0]:8000",
    "192.0.2.1:8000",
    "10.0.0.1:80",
    "[fe80::1]:80",
    "[2001:db8::1]:80",
    "169.254.1.1:80",
  ])("%s can be reached from elsewhere: it is refused, but with --insecure-listen", async (listen) => {
    await expect(placeFor(["--listen", listen])).rejects.toMatchObject(beyond);
    await expect(placeFor([], { USC_LISTEN: listen })).rejects.toMatchObject(beyond);
    await expect(placeFor(["--listen", listen], { USC_INSECURE_LISTEN: "false" })).rejects.toMatchObject(beyond);
    expect(await placeFor(["--listen", listen, "--insecure-listen"])).toBeDefined();
    expect(await placeFor([], { USC_LISTEN: listen, USC_INSECURE_LISTEN: "true" })).toBeDefined();
  });

  it.each([
    "",
    "8000",
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:65536",
    "127.0.0.1:-1",
    "127.0.0.1:8e3",
    "::1:8000",
    "http://127.0.0.1:80",
    "a b:80",
    "127.0.0.1:80/x",
    "127.999.1.1:80",
    "no-such-name.invalid:80",
  ])("%j is no address", async (listen) => {
    await expect(placeFor(["--listen", listen])).rejects.toMatchObject(invalid);
  });
});

it("a flag goes before its variable, and a list in a variable has commas", async () => {
  const environment = { USC_LISTEN: "127.0.0.1:1", USC_ALLOWED_HOST: "a.example, b.example" };
  expect(await placeFor(["--listen", "127.0.0.1:2"], environment)).toMatchObject({ port: 2, allowedHosts: ["a.example", "b.example"] });
  expect(await placeFor(["--allowed-host", "c.example"], environment)).toMatchObject({ port: 1, allowedHosts: ["c.example"] });
});

it.each(["vault.example.org", "vault", "a_b.example", "vault.example.org:8443", "[2001:db8::1]", "[::1]:443"])(
  "--allowed-host %s is a name that a client may say",
  async (name) => {
    expect(await placeFor(["--allowed-host", name])).toMatchObject({ allowedHosts: [name] });
  },
);

it.each(["https://vault.example.org", "vault.example.org/", "a b", "*", "*.example.org", "vault.example.org.", "a:", "a:99999", "::1", ""])(
  "--allowed-host %j is none: it would be allowed in vain",
  async (name) => {
    const refused = { code: "usage", message: "--allowed-host is not valid: expected NAME or NAME:PORT." };
    await expect(placeFor(["--allowed-host", name])).rejects.toMatchObject(refused);
  },
);
