/**
 * A scripted SMTP client on a plain socket: sends octets, reads whole replies, sees the end.
 */
import { type Socket, type TcpNetConnectOpts, connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface SmtpReply {
  readonly code: number;
  /** Lines as sent, without CRLF. */
  readonly lines: readonly string[];
}

export interface SmtpPeer {
  /** The plain one, also below TLS. */
  readonly socket: Socket;
  /** Sends octets (latin1) as they are. */
  raw(text: string): void;
  /** Sends a line with CRLF and reads the reply. */
  say(line: string): Promise<SmtpReply>;
  /** The next reply; rejects when the connection ends before it. */
  reply(): Promise<SmtpReply>;
  /** Shakes hands, whatever the certificate; rejects when that fails. */
  secure(serverName?: string): Promise<void>;
  /** Resolves when the server has ended the connection. */
  ended(): Promise<void>;
  /** Everything received so far. */
  received(): string;
  destroy(): void;
}

function takeReply(buffer: string): { reply: SmtpReply; rest: string } | undefined {
  const lines: string[] = [];
  let from = 0;
  for (;;) {
    const end = buffer.indexOf('\r\n', from);
    if (end < 0) return undefined;
    const line = buffer.slice(from, end);
    lines.push(line);
    from = end + 2;
    if (line[3] !== '-')
      return { reply: { code: Number(line.slice(0, 3)), lines }, rest: buffer.slice(from) };
  }
}

/** `localAddress` for a client of another address, `allowHalfOpen` for one that never ends its side. */
export type PeerOptions = Pick<TcpNetConnectOpts, 'localAddress' | 'allowHalfOpen'>;

export async function connectPeer(
  port: number,
  host = '127.0.0.1',
  options: PeerOptions = {},
): Promise<SmtpPeer> {
  const socket = connect({ port, host, noDelay: true, ...options });
  let buffer = '';
  let all = '';
  let isOver = false;
  let wake: (() => void) | undefined;
  const changed = (): void => {
    wake?.();
    wake = undefined;
  };
  /** What is written to and read from: the socket, or TLS on top of it. */
  let stream: Socket = socket;
  const takeText = (text: string): void => {
    buffer += text;
    all += text;
    changed();
  };
  const listen = (): void => {
    stream.setEncoding('latin1');
    stream.on('data', takeText);
    stream.on('close', () => {
      isOver = true;
      changed();
    });
    stream.on('error', changed);
  };
  listen();
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const change = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  const peer: SmtpPeer = {
    socket,
    raw(text) {
      stream.write(text, 'latin1');
    },
    say(line) {
      peer.raw(`${line}\r\n`);
      return peer.reply();
    },
    async reply() {
      for (;;) {
        const taken = takeReply(buffer);
        if (taken) {
          buffer = taken.rest;
          return taken.reply;
        }
        if (isOver) throw new Error(`connection ended; received: ${JSON.stringify(all)}`);
        await change();
      }
    },
    async secure(serverName) {
      socket.off('data', takeText);
      const secured = connectTls({
        socket,
        rejectUnauthorized: false,
        ...(serverName === undefined ? {} : { servername: serverName }),
      });
      stream = secured;
      listen();
      await new Promise<void>((resolve, reject) => {
        secured.once('secureConnect', resolve);
        secured.once('error', reject);
        secured.once('close', () => {
          reject(new Error('the connection ended in the handshake'));
        });
      });
    },
    async ended() {
      while (!isOver) await change();
    },
    received: () => all,
    destroy() {
      socket.destroy();
    },
  };
  return peer;
}
