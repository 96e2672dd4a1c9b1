import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../helpers/certificates.js';
import { eventually } from '../../../helpers/eventually.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { nextHop } from '../../../helpers/send-to-next-hop.js';

const trusted = makeCertificate({ names: ['localhost'] });
const well = ['user delivered 250 2.0.0 stored'];

/** The certificate is for localhost, and so must the next hop be named. */
async function byName(script: Parameters<typeof nextHop>[0], changes: Parameters<typeof nextHop>[1] = {}) {
  const made = await nextHop(script, changes);
  const { place } = made.peer.hop;
  const port = place.kind === 'tcp' ? place.port : 0;
  const hop = { ...made.peer.hop, place: { kind: 'tcp' as const, host: 'localhost', port } };
  return { ...made, hop };
}

describe('TLS to a next hop', () => {
  it('is used when it is offered, whatever the certificate', async () => {
    const { peer, brief } = await nextHop({ tls: trusted });
    expect(await brief()).toEqual(well);
    expect(peer.commands().map((line) => line.split(' ')[0])).toEqual([
      'EHLO',
      'STARTTLS',
      'EHLO',
      'MAIL',
      'RCPT',
      'DATA',
    ]);
  });

  it('is used for LMTP as well', async () => {
    const { peer, brief } = await nextHop({ tls: trusted, protocol: 'lmtp' });
    expect(await brief()).toEqual(well);
    expect(peer.commands().slice(0, 3)).toEqual(['LHLO mx.example', 'STARTTLS', 'LHLO mx.example']);
  });

  it('is left alone when it is switched off', async () => {
    const { peer, brief } = await nextHop({ tls: trusted }, { tls: 'never' });
    expect(await brief()).toEqual(well);
    expect(peer.commands()).not.toContain('STARTTLS');
  });

  it('is done without when the peer refuses it or its handshake fails', async () => {
    const refused = await nextHop({ tls: trusted, answers: { STARTTLS: '454 4.7.0 not now' } });
    expect(await refused.brief()).toEqual(well);
    expect(refused.peer.connections()).toBe(1);
    const broken = await nextHop({ tls: 'broken' });
    expect(await broken.brief()).toEqual(well);
    expect(broken.peer.connections()).toBe(2);
  });

  it('is insisted on when it is required', async () => {
    const none = await nextHop({ answers: { STARTTLS: '502 5.5.1 what' } }, { tls: 'required' });
    expect(await none.brief()).toEqual([
      expect.stringMatching(/^user deferred HOP: .*STARTTLS: 502 5.5.1 what/),
    ]);
    const broken = await nextHop({ tls: 'broken' }, { tls: 'required' });
    expect(await broken.brief()).toEqual([expect.stringMatching(/^user deferred HOP: TLS handshake: /)]);
    const unknown = await nextHop({ tls: trusted }, { tls: 'required' });
    expect(await unknown.brief()).toEqual([
      expect.stringMatching(/^user deferred HOP: TLS handshake: self-signed/),
    ]);
    for (const { peer } of [none, broken, unknown]) expect(peer.messages()).toEqual([]);
  });

  it('is verified by the name of the host', async () => {
    const { hop, peer } = await byName({ tls: trusted });
    const named = await nextHop({}, { hop, tls: 'required', ca: trusted.certificate });
    expect(await named.brief()).toEqual(well);
    const other = await nextHop({}, { hop: peer.hop, tls: 'required', ca: trusted.certificate });
    expect(await other.brief()).toEqual([expect.stringMatching(/altnames/)]);
  });

  it('carries a message that requires TLS only when it is verified', async () => {
    const { hop, peer } = await byName({ tls: trusted, offers: ['REQUIRETLS', '8BITMIME'] });
    const entry = { envelope: { requireTls: true } };
    const doubtful = await nextHop({}, { hop });
    expect(await doubtful.brief(entry)).toEqual([expect.stringMatching(/^user failed .*5\.7\.30 /)]);
    const sure = await nextHop({}, { hop, ca: trusted.certificate });
    expect(await sure.brief(entry)).toEqual(well);
    expect(peer.commands()).toContain('MAIL FROM:<sender@example.org> REQUIRETLS');
  });

  it.each([
    ['a handshake that fails', { tls: 'broken' }, 2],
    ['STARTTLS refused', { tls: trusted, answers: { STARTTLS: '454 4.7.0 not now' } }, 1],
  ] as const)('lets a message that requires TLS wait after %s, and begins anew', async (_, script, least) => {
    const { peer, brief } = await nextHop(script);
    const entry = { envelope: { requireTls: true } };
    const waits = [
      'user deferred HOP: 4.7.30 the sender requires TLS (REQUIRETLS), and the handshake failed',
    ];
    expect(await brief()).toEqual(well);
    expect(await brief(entry)).toEqual(waits);
    expect(peer.connections()).toBe(least);
    expect(await brief(entry)).toEqual(waits);
    expect(peer.connections()).toBe(2 * least);
    expect(peer.messages()).toHaveLength(1);
  });

  it('lets one wait after a handshake that takes too long', async () => {
    const clock = createFakeClock();
    const { peer, brief } = await nextHop({ tls: 'silent' }, { clock });
    const sent = brief({ envelope: { requireTls: true } });
    await eventually('the handshake to begin', () => peer.commands().includes('HANDSHAKE'));
    await clock.advance(600_000);
    expect(await sent).toEqual([expect.stringMatching(/^user deferred HOP: 4\.7\.30 /)]);
  });

  it('keeps one for good from a peer that offers no TLS, or under a setting that asks for none', async () => {
    const entry = { envelope: { requireTls: true } };
    const plain = await nextHop();
    expect(await plain.brief(entry)).toEqual([expect.stringMatching(/^user failed .*5\.7\.30 /)]);
    const unasked = await nextHop({ tls: trusted }, { tls: 'never' });
    expect(await unasked.brief(entry)).toEqual([expect.stringMatching(/^user failed .*5\.7\.30 /)]);
  });

  it('gives nothing away that was said before the handshake', async () => {
    const script = { tls: trusted, answers: { STARTTLS: '220 go\r\n250 BODY' } };
    const { peer, brief } = await nextHop(script, { tls: 'required', ca: trusted.certificate });
    // The octets after 220 are no handshake, and are not kept for later either.
    expect(await brief()).toEqual([expect.stringMatching(/^user deferred/)]);
    expect(peer.messages()).toEqual([]);
  });
});
