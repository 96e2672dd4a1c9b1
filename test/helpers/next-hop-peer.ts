/**
 * A scripted next hop: a real socket on a free loopback port, or a Unix socket, that answers by rule.
 *
 *     const peer = await startNextHop({ offers: ['PIPELINING'], answers: { RCPT: ({ line }) => ... } });
 *     ... peer.url ... peer.commands() ... peer.messages()
 *
 * An answer is the text of a reply, `undefined` for silence, or `close` to cut the connection. For
 * the content it is asked as `END`, in LMTP once for each accepted recipient. What a client sends
 * as content is read by the rule of RFC 5321 §4.5.2 in its plainest form.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { type NextHop, parseDestination } from '../../src/delivery/next-hop.js';
import type { TestCertificate } from './certificates.js';

export interface Asked {
  readonly line: string;
  /** How many connections came before this one. */
  readonly connection: number;
  /** How many commands of this verb came before on all connections. */
  readonly before: number;
}

type Answer = string | undefined;
type Rule = Answer | ((asked: Asked) => Answer);

export interface NextHopScript {
  readonly protocol?: 'smtp' | 'lmtp';
  /** Lines of the EHLO reply. Default: PIPELINING, 8BITMIME, SMTPUTF8, SIZE, DSN, CHUNKING, BINARYMIME. */
  readonly offers?: readonly string[];
  /** By verb; GREETING and END as well. Verbs without a rule are answered well. */
  readonly answers?: Readonly<Record<string, Rule>>;
  /** Offers STARTTLS with it; `broken` takes the command and answers nonsense; `silent` only notes the handshake as a command. */
  readonly tls?: TestCertificate | 'broken' | 'silent';
  /** Path of a Unix socket instead of a port. */
  readonly path?: string;
  /** Reads nothing after this many octets of content. */
  readonly deafAfter?: number;
  /** Said as soon as content comes. */
  readonly early?: string;
}

export interface ScriptedNextHop {
  readonly hop: NextHop;
  readonly url: string;
  /** Every command line of all connections. */
  commands(): readonly string[];
  /** The content of each message that was ended, dots taken away. */
  messages(): readonly string[];
  connections(): number;
  open(): number;
  /** Cuts all connections. */
  cut(): void;
  stop(): Promise<void>;
}

const USUAL = ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'SIZE 0', 'DSN', 'CHUNKING', 'BINARYMIME'];
const WELL: Readonly<Record<string, string>> = {
  GREETING: '220 next.test ESMTP',
  DATA: '354 go on',
  QUIT: '221 2.0.0 bye',
  MAIL: '250 2.1.0 ok',
  RCPT: '250 2.1.5 ok',
  END: '250 2.0.0 stored',
};

interface State {
  readonly script: NextHopScript;
  readonly lines: string[];
  readonly bodies: string[];
  readonly counts: Map<string, number>;
}

/** One connection. */
class Talk {
  #socket: Socket;
  #input = '';
  #content: string | undefined;
  #chunk = 0;
  #accepted = 0;
  #isEncrypted = false;
  readonly #state: State;
  readonly #number: number;

  constructor(socket: Socket, state: State, number: number) {
    this.#socket = socket;
    this.#state = state;
    this.#number = number;
    this.#listen(socket);
    this.#say('GREETING', '');
  }

  #listen(socket: Socket): void {
    // A client may cut the connection whenever it likes.
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    socket.on('data', (octets: Buffer) => {
      this.#input += octets.toString('latin1');
      this.#read();
      const { deafAfter } = this.#state.script;
      if (deafAfter !== undefined && (this.#content ?? '').length + this.#input.length > deafAfter)
        socket.pause();
    });
  }

  #say(verb: string, line: string): string | undefined {
    const { script, counts } = this.#state;
    const before = counts.get(verb) ?? 0;
    counts.set(verb, before + 1);
    const isRuled = script.answers !== undefined && verb in script.answers;
    const rule = isRuled ? script.answers?.[verb] : (WELL[verb] ?? this.#usual(verb));
    const answer = typeof rule === 'function' ? rule({ line, connection: this.#number, before }) : rule;
    if (answer === 'close') this.#socket.destroy();
    else if (answer !== undefined) this.#socket.write(`${answer}\r\n`);
    return answer;
  }

  #usual(verb: string): string {
    if (verb !== 'EHLO' && verb !== 'LHLO') return '250 2.0.0 ok';
    const { offers = USUAL, tls } = this.#state.script;
    const lines = ['next.test', ...offers, ...(tls && !this.#isEncrypted ? ['STARTTLS'] : [])];
    return lines.map((text, i) => `250${i === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n');
  }

  #read(): void {
    for (;;) {
      if (this.#chunk > 0) {
        if (this.#input.length < this.#chunk) return;
        const content = this.#input.slice(0, this.#chunk);
        this.#input = this.#input.slice(this.#chunk);
        this.#chunk = 0;
        this.#end(content);
      } else if (this.#content !== undefined) {
        if (this.#content === '\r\n' && this.#input !== '') this.#interrupt();
        this.#content += this.#input;
        this.#input = '';
        const end = this.#content.indexOf('\r\n.\r\n');
        if (end < 0) return;
        const content = this.#content.slice(0, end + 2);
        this.#input = this.#content.slice(end + 5);
        this.#content = undefined;
        this.#end(content.replaceAll('\r\n.', '\r\n').slice(2));
      } else {
        const end = this.#input.indexOf('\r\n');
        if (end < 0) return;
        const line = this.#input.slice(0, end);
        this.#input = this.#input.slice(end + 2);
        this.#command(line);
      }
    }
  }

  #interrupt(): void {
    const { early } = this.#state.script;
    if (early !== undefined) this.#socket.write(`${early}\r\n`);
  }

  #end(content: string): void {
    this.#state.bodies.push(content);
    const answers = this.#state.script.protocol === 'lmtp' ? this.#accepted : 1;
    for (let n = 0; n < answers; n += 1) this.#say('END', '');
  }

  #command(line: string): void {
    this.#state.lines.push(line);
    const verb = line.split(/[ :]/, 1)[0]?.toUpperCase() ?? '';
    if (verb === 'STARTTLS') this.#upgrade();
    else if (verb === 'BDAT') this.#chunk = Number(line.split(' ')[1]);
    else this.#follow(verb, this.#say(verb, line) ?? '');
  }

  #follow(verb: string, answer: string): void {
    if (verb === 'MAIL') this.#accepted = 0;
    if (verb === 'RCPT' && answer.startsWith('2')) this.#accepted += 1;
    // A line end before it makes a dot in the first line one like all others.
    if (verb === 'DATA' && answer.startsWith('354')) this.#content = '\r\n';
    if (verb === 'QUIT') this.#socket.end();
  }

  #upgrade(): void {
    const { tls } = this.#state.script;
    const answer = this.#say('STARTTLS', '');
    if (tls === undefined || answer?.startsWith('2') !== true) return;
    this.#socket.removeAllListeners('data');
    if (tls === 'broken' || tls === 'silent') {
      this.#socket.on('data', () => {
        if (tls === 'broken') this.#socket.write('this is no handshake\r\n');
        else this.#state.lines.push('HANDSHAKE');
      });
      return;
    }
    const secureContext = createSecureContext({ key: tls.key, cert: tls.certificate });
    this.#socket = new TLSSocket(this.#socket, { isServer: true, secureContext });
    this.#isEncrypted = true;
    this.#input = '';
    this.#listen(this.#socket);
  }
}

function listen(server: Server, path: string | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (path === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(path, resolve);
  });
}

export async function startNextHop(script: NextHopScript = {}): Promise<ScriptedNextHop> {
  const state: State = { script, lines: [], bodies: [], counts: new Map() };
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    new Talk(socket, state, connections);
    connections += 1;
  });
  await listen(server, script.path);
  const address = server.address();
  const place = typeof address === 'object' ? `127.0.0.1:${address?.port}` : address;
  const url = `${script.protocol ?? 'smtp'}://${place}`;
  const destination = parseDestination(url);
  if (destination.status !== 'next-hop') throw new Error(`no next hop: ${url}`);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    cut();
    stopped ??= new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    return stopped;
  };
  onTestFinished(stop);
  return {
    hop: destination.hop,
    url: destination.hop.url,
    commands: () => state.lines,
    messages: () => state.bodies,
    connections: () => connections,
    open: () => sockets.size,
    cut,
    stop,
  };
}
