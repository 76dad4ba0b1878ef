import { describe, expect, it } from "vitest";
import { reachOf } from "../../../src/adapters/webhook/addresses.ts";
import { webhooks } from "../../../src/adapters/webhook/index.ts";
import { peerOf } from "../../../src/adapters/webhook/peer.ts";
import { UscError } from "../../../src/kernel/errors.ts";

const nobody = (): never => {
  throw new Error("no name is looked up");
};

/** What becomes of a URL: `taken` by the form alone, for who may reach private addresses `private`, or refused. */
const cases: readonly (readonly [url: string, becomes: "taken" | "private" | "refused"])[] = [
  ["https://hooks.example.com/usc", "taken"],
  ["https://hooks.example.com", "taken"],
  ["https://hooks.example.com:8443/a/b?c=d&e=%2F", "taken"],
  ["HTTPS://HOOKS.example.com/", "taken"],
  ["https://hooks.example.com?x=1", "taken"],
  ["https://8.8.8.8/", "taken"],
  ["https://[2606:4700::1111]/", "taken"],
  ["https://xn--bcher-kva.example/", "taken"],
  ["https://127.0.0.1/", "private"],
  ["http://127.0.0.1:9000/hook", "private"],
  ["http://localhost:9000/", "private"],
  ["https://x.localhost/", "private"],
  ["http://[::1]:9000/", "private"],
  ["https://10.1.2.3/", "private"],
  ["https://172.31.255.255/", "private"],
  ["https://192.168.0.1/", "private"],
  ["https://100.64.0.1/", "private"],
  ["https://[fd12:3456::1]/", "private"],
  ["https://[::ffff:127.0.0.1]/", "private"],
  ["https://[::ffff:7f00:1]/", "private"],
  ["https://[64:ff9b::10.0.0.1]/", "private"],
  ["http://10.1.2.3/", "refused"],
  ["http://hooks.example.com/", "refused"],
  ["http://8.8.8.8/", "refused"],
  ["https://169.254.169.254/latest/meta-data", "refused"],
  ["https://[::ffff:169.254.169.254]/", "refused"],
  ["https://[::ffff:a9fe:a9fe]/", "refused"],
  ["https://[64:ff9b::a9fe:a9fe]/", "refused"],
  ["https://[fd00:ec2::254]/", "refused"],
  ["https://[fd20:ce::254]/", "refused"],
  ["https://[fe80::1]/", "refused"],
  ["https://168.63.129.16/", "refused"],
  ["https://100.100.100.200/", "refused"],
  ["https://0.0.0.0/", "refused"],
  ["https://[::]/", "refused"],
  ["https://255.255.255.255/", "refused"],
  ["https://224.0.0.1/", "refused"],
  ["https://[ff02::1]/", "refused"],
  ["https://[2002:7f00:1::]/", "refused"],
  ["https://[2001:0:1::1]/", "refused"],
  ["https://[::127.0.0.1]/", "refused"],
  ["https://2130706433/", "refused"],
  ["https://0x7f000001/", "refused"],
  ["https://0x7f.1/", "refused"],
  ["https://127.1/", "refused"],
  ["https://0177.0.0.1/", "refused"],
  ["https://127.0.0.1./", "refused"],
  ["https://127.0.0.1.5/", "refused"],
  ["https://[::1%25eth0]/", "refused"],
  ["https://[::1/", "refused"],
  ["https://user@hooks.example.com/", "refused"],
  ["https://user:pass@hooks.example.com/", "refused"],
  ["https://hooks.example.com#@127.0.0.1/", "refused"],
  ["https://hooks.example.com\\@127.0.0.1/", "refused"],
  ["https://hooks.example.com/\\x", "refused"],
  ["https://hooks.example.com/a b", "refused"],
  ["https://hooks.example.com/\r\nx: y", "refused"],
  ["https://hooks.example.com./", "refused"],
  ["https://hooks..example.com/", "refused"],
  ["https://-x.example.com/", "refused"],
  ["https://\uff11\uff12\uff17.0.0.1/", "refused"],
  ["https://ex\u00e4mple.com/", "refused"],
  ["https://hooks.example.com:0/", "refused"],
  ["https://hooks.example.com:65536/", "refused"],
  ["https://hooks.example.com:/", "refused"],
  ["https:///usc", "refused"],
  ["https:hooks.example.com/", "refused"],
  ["//hooks.example.com/", "refused"],
  ["ftp://hooks.example.com/", "refused"],
  ["file:///etc/passwd", "refused"],
  [" https://hooks.example.com/", "refused"],
  [`https://hooks.example.com/${"x".repeat(2048)}`, "refused"],
];

describe("the URL of a receiver", () => {
  it.each(cases)("%s is %s", (url, becomes) => {
    const passes = (reach: "public" | "private"): boolean => {
      try {
        webhooks(nobody).check({ url, reach });
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(UscError);
        expect(error).toMatchObject({ code: "usage", message: expect.stringMatching(/^--url /u) });
        // Neither a password in it nor a token gets into a sentence.
        expect(String(error)).not.toContain("example.com");
        return false;
      }
    };
    expect([passes("public"), passes("private")]).toEqual(
      { taken: [true, true], private: [false, true], refused: [false, false] }[becomes],
    );
  });
});

describe("an address", () => {
  it.each([
    ["93.184.215.14", "public"],
    ["172.15.0.1", "public"],
    ["172.32.0.1", "public"],
    ["169.253.0.1", "public"],
    ["2a00:1450::1", "public"],
    ["::ffff:8.8.8.8", "public"],
    ["64:ff9b::8.8.8.8", "public"],
    ["64:ff9b:1::1", "never"],
    ["fec0::1", "never"],
    ["fe80::1%eth0", "never"],
    ["::ffff:10.0.0.1", "private"],
    ["198.19.255.255", "private"],
    ["127.255.255.254", "loopback"],
    ["not an address", "never"],
    ["", "never"],
  ])("%s is %s", (address, reach) => {
    expect(reachOf(address)).toBe(reach);
  });
});

describe("a name", () => {
  const post = async (addresses: readonly string[], url = "https://hooks.example.com/", reach: "public" | "private" = "public") => {
    const peer = peerOf({ url, reach }, (_, answer) => answer(null, addresses));
    return peer.post({ headers: {}, body: "{}" }, 5000).finally(() => peer.close());
  };

  it.each([
    [["10.0.0.1"]],
    [["127.0.0.1"]],
    [["169.254.169.254"]],
    [["8.8.8.8", "127.0.0.1"]],
    [["::ffff:127.0.0.1"]],
    [["fe80::1%1"]],
    [[]],
  ])("that leads to %j leads nowhere", async (addresses) => {
    expect(await post(addresses)).toEqual({ failure: "address not allowed" });
  });

  it("of loopback that leads to another address is not spoken to in the clear", async () => {
    expect(await post(["10.0.0.1"], "http://localhost:9/", "private")).toEqual({ failure: "address not allowed" });
    expect(await post(["169.254.169.254"], "https://intranet/", "private")).toEqual({ failure: "address not allowed" });
  });
});
