/**
 * A DNS server on loopback that behaves as badly as a test wants.
 *
 * `behave` gets each question and says what happens: an answer, octets of one's own, or silence.
 * UDP and TCP share one port. `asked` holds the questions with their transport.
 */
import { type Socket as UdpSocket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Server, type Socket, createServer } from 'node:net';
import dnsPacket, { type Answer, type DecodedPacket, type Packet } from 'dns-packet';

export interface AskedQuestion {
  readonly name: string;
  readonly type: string;
  readonly transport: 'udp' | 'tcp';
  readonly id: number;
  readonly fromPort: number;
  readonly hasEdns: boolean;
}

/** What the server does: fields of an answer, raw octets, several packets, or `undefined` for silence. */
export interface FakeAnswer {
  readonly answers?: readonly Answer[];
  readonly authorities?: readonly Answer[];
  /** 0 success, 2 server failure, 3 no such name, 5 refused. */
  readonly rcode?: number;
  readonly truncated?: boolean;
  readonly authentic?: boolean;
  /** Sent instead of the id, or of the name, of the question. */
  readonly id?: number;
  readonly name?: string;
  readonly noQuestion?: boolean;
}
export type Behaviour = (
  asked: AskedQuestion,
) => FakeAnswer | Buffer | readonly (FakeAnswer | Buffer)[] | undefined;

export interface DnsServerDouble {
  /** `127.0.0.1:port`, as resolvers take it. */
  readonly address: string;
  readonly port: number;
  readonly asked: readonly AskedQuestion[];
  behave(behaviour: Behaviour): void;
  stop(): Promise<void>;
}

export async function startDnsServer(behaviour: Behaviour): Promise<DnsServerDouble> {
  const { udp, tcp, port } = await bindBoth();
  const asked: AskedQuestion[] = [];
  const open = new Set<Socket>();
  let behave = behaviour;

  function packetsFor(query: Buffer, transport: 'udp' | 'tcp', fromPort: number): Buffer[] {
    const decoded = dnsPacket.decode(query);
    const question = decoded.questions?.[0];
    if (!question) return [];
    const hasEdns = (decoded.additionals ?? []).some((record) => record.type === 'OPT');
    const one = {
      name: question.name,
      type: question.type,
      transport,
      id: decoded.id ?? 0,
      fromPort,
      hasEdns,
    };
    asked.push(one);
    const said = behave(one);
    if (said === undefined) return [];
    const list = isList(said) ? said : [said];
    return list.map((answer) => (Buffer.isBuffer(answer) ? answer : encodeAnswer(decoded, answer)));
  }

  udp.on('message', (query, from) => {
    for (const packet of packetsFor(query, 'udp', from.port)) udp.send(packet, from.port, from.address);
  });
  tcp.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    socket.on('data', (chunk) => {
      for (const packet of packetsFor(chunk.subarray(2), 'tcp', socket.remotePort ?? 0)) {
        const length = Buffer.alloc(2);
        length.writeUInt16BE(packet.length, 0);
        // Two writes, so that the reader must put the pieces together.
        socket.write(length);
        socket.write(packet);
      }
    });
  });
  return {
    address: `127.0.0.1:${port}`,
    port,
    asked,
    behave(next) {
      behave = next;
    },
    async stop() {
      for (const socket of open) socket.destroy();
      udp.close();
      tcp.close();
      await Promise.all([once(udp, 'close'), once(tcp, 'close')]);
    },
  };
}

function isList(said: ReturnType<Behaviour>): said is readonly (FakeAnswer | Buffer)[] {
  return Array.isArray(said);
}

/** An A record, the plainest answer there is. */
export function a(name: string, address: string, ttl = 60): Answer {
  return { type: 'A', name, data: address, ttl, class: 'IN' };
}

/** The record that lets "there is nothing" be remembered. */
export function soa(name: string, minimum: number): Answer {
  return {
    type: 'SOA',
    name,
    ttl: minimum,
    class: 'IN',
    data: { mname: `ns.${name}`, rname: `root.${name}`, minimum },
  };
}

export function encodeAnswer(query: DecodedPacket, answer: FakeAnswer): Buffer {
  const question = query.questions?.[0];
  const flags =
    dnsPacket.RECURSION_DESIRED |
    dnsPacket.RECURSION_AVAILABLE |
    (answer.truncated ? dnsPacket.TRUNCATED_RESPONSE : 0) |
    (answer.authentic ? dnsPacket.AUTHENTIC_DATA : 0) |
    (answer.rcode ?? 0);
  const packet: Packet = {
    type: 'response',
    id: answer.id ?? query.id ?? 0,
    flags,
    questions: answer.noQuestion || !question ? [] : [{ ...question, name: answer.name ?? question.name }],
    answers: [...(answer.answers ?? [])],
    authorities: [...(answer.authorities ?? [])],
  };
  return dnsPacket.encode(packet);
}

/** UDP picks a port that TCP must get too; somebody else may hold it, so a few are tried. */
async function bindBoth(): Promise<{ udp: UdpSocket; tcp: Server; port: number }> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const udp = createSocket('udp4');
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const { port } = udp.address();
    const tcp = createServer();
    tcp.listen(port, '127.0.0.1');
    try {
      await once(tcp, 'listening');
      return { udp, tcp, port };
    } catch {
      udp.close();
    }
  }
  throw new Error('no port is free for both UDP and TCP');
}
