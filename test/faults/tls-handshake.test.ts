/**
 * A TLS handshake that is cut off, damaged, or none at all ends its own session and nothing else,
 * and nothing that came before it in clear is taken for a command (RFC 3207 §4.2).
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { expect, it } from 'vitest';
import { makeCertificate } from '../helpers/certificates.js';
import { type FaultBench, startFaultBench } from '../helpers/fault-bench.js';
import { createChance, FAULT_SEED, octetsByChance } from '../helpers/flood.js';
import type { SmtpPeer } from '../helpers/smtp-peer.js';

async function startWithTls(): Promise<FaultBench> {
  const { certificate, key } = makeCertificate();
  return await startFaultBench({
    files: { 'cert.pem': certificate, 'key.pem': key },
    settings: { 'tls.certificate': 'cert.pem', 'tls.key': 'key.pem' },
  });
}

/** A client that has got its 220 for STARTTLS; `behind` is sent in the same packet. */
async function shakingHands(bench: FaultBench, behind = ''): Promise<SmtpPeer> {
  const peer = await bench.client();
  expect((await peer.say('EHLO tls.example')).lines).toContain('250-STARTTLS');
  peer.raw(`STARTTLS\r\n${behind}`);
  expect((await peer.reply()).code).toBe(220);
  return peer;
}

/** The first octets of a real client. */
async function clientHello(): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [hello] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  server.close();
  return hello;
}

it('a handshake that is cut at every tenth octet, by FIN and by RST', async () => {
  const bench = await startWithTls();
  const hello = await clientHello();
  for (let length = 0; length <= hello.length; length += 10) {
    const peer = await shakingHands(bench);
    peer.socket.write(hello.subarray(0, length));
    if (length % 20 === 0) peer.socket.end();
    else peer.socket.resetAndDestroy();
  }
  await bench.expectSound();
});

it(`a handshake of octets by chance, and one that is damaged (seed ${FAULT_SEED})`, async () => {
  const bench = await startWithTls();
  const hello = await clientHello();
  const chance = createChance(FAULT_SEED);
  for (let i = 0; i < 100; i += 1) {
    const peer = await shakingHands(bench);
    const damaged = Buffer.from(hello);
    damaged[chance(hello.length)] = chance(256);
    peer.socket.write(chance(2) === 0 ? octetsByChance(chance, 1 + chance(3000)) : damaged);
    if (chance(2) === 0) peer.destroy();
    else peer.socket.end();
  }
  await bench.expectSound();
});

it('commands in clear in place of a handshake, and behind STARTTLS, are not run', async () => {
  const bench = await startWithTls();
  const commands =
    'EHLO evil\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n';
  const behind = await shakingHands(bench, commands);
  const replies = behind.received().length;
  behind.socket.end();
  await behind.ended();
  expect(behind.received().slice(replies)).not.toMatch(/^\d{3}[ -]/m);
  const instead = await shakingHands(bench);
  instead.raw(commands);
  await instead.ended();
  await bench.expectSound();
  expect(bench.mail()).toEqual([]);
});
