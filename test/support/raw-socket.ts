import { connect } from "node:net";

export interface RawReply {
  /** 0: the connection was closed without an answer. */
  status: number;
  text: string;
}

/** Sends bytes as they stand, and takes what comes until the other side closes; a reply whose body has arrived whole ends it as well. */
export function raw(url: string, ...parts: readonly (string | Buffer)[]): Promise<RawReply> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  return new Promise((resolve) => {
    let text = "";
    const end = (): void => {
      socket.destroy();
      resolve({ status: Number(/^HTTP\/1\.[01] (\d{3})/u.exec(text)?.[1] ?? 0), text });
    };
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const [, head = "", body = ""] = /^(.*?)\r\n\r\n(.*)$/su.exec(text) ?? [];
      const length = Number(/^content-length: (\d+)/imu.exec(head)?.[1] ?? Number.NaN);
      if (body.length >= length || text.endsWith("\r\n0\r\n\r\n")) end();
    });
    socket.on("close", end);
    socket.on("error", end);
    for (const part of parts) socket.write(part);
  });
}
