/**
 * A scripted SMTP client on a plain socket: sends octets, reads whole replies, sees the end.
 */
import { type Socket, connect } from 'node:net';

export interface SmtpReply {
  readonly code: number;
  /** Lines as sent, without CRLF. */
  readonly lines: readonly string[];
}

export interface SmtpPeer {
  readonly socket: Socket;
  /** Sends octets (latin1) as they are. */
  raw(text: string): void;
  /** Sends a line with CRLF and reads the reply. */
  say(line: string): Promise<SmtpReply>;
  /** The next reply; rejects when the connection ends before it. */
  reply(): Promise<SmtpReply>;
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

export async function connectPeer(port: number, host = '127.0.0.1'): Promise<SmtpPeer> {
  const socket = connect({ port, host, noDelay: true });
  let buffer = '';
  let all = '';
  let isOver = false;
  let wake: (() => void) | undefined;
  const changed = (): void => {
    wake?.();
    wake = undefined;
  };
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    buffer += text;
    all += text;
    changed();
  });
  socket.on('close', () => {
    isOver = true;
    changed();
  });
  socket.on('error', changed);
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
      socket.write(text, 'latin1');
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
