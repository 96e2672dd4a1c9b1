import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect, type ConnectionOptions, type PeerCertificate, TLSSocket } from 'node:tls';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createFactBus, type FactBus, type FactName } from '../../../../src/core/facts.js';
import type { CertificateFiles } from '../../../../src/engine/listener/certificate-slot.js';
import {
  createTlsContexts,
  type TlsContexts,
  type TlsSettings,
} from '../../../../src/engine/listener/tls-contexts.js';
import { type CertificateOptions, makeCertificate } from '../../../helpers/certificates.js';
import { createFakeClock, type FakeClock } from '../../../helpers/fake-clock.js';

const DAY = 24 * 3_600_000;

/** Files in memory; writing one changes its mark. */
class Files implements CertificateFiles {
  readonly #contents = new Map<string, { readonly text: string; readonly mark: number }>();
  #writes = 0;

  write(path: string, text: string): void {
    this.#writes += 1;
    this.#contents.set(path, { text, mark: this.#writes });
  }

  /** Makes a pair and writes it to `<path>.crt` and `<path>.key`. */
  writePair(path: string, options: CertificateOptions): void {
    const made = makeCertificate(options);
    this.write(`${path}.crt`, made.certificate);
    this.write(`${path}.key`, made.key);
  }

  #find(path: string) {
    const found = this.#contents.get(path);
    if (!found) throw new Error(`no such file: ${path}`);
    return found;
  }

  read(path: string): Promise<Buffer> {
    return Promise.resolve().then(() => Buffer.from(this.#find(path).text));
  }

  mark(path: string): Promise<string> {
    return Promise.resolve().then(() => String(this.#find(path).mark));
  }
}

let files: Files;
let clock: FakeClock;
let facts: FactBus;
let told: string[];

beforeEach(() => {
  files = new Files();
  clock = createFakeClock();
  told = [];
  facts = createFactBus((error) => {
    throw error;
  });
  for (const name of ['tls.loaded', 'tls.kept', 'tls.expiring'] satisfies FactName[]) {
    facts.subscribe(name, (body: { host: string; message?: string }) => {
      told.push([name, body.host, body.message ?? ''].join(' ').trim());
    });
  }
  files.writePair('/default', { names: ['first'] });
});

const pair = (path: string) => ({ certificate: `${path}.crt`, key: `${path}.key` });

async function open(settings: Partial<TlsSettings> = {}): Promise<TlsContexts> {
  const contexts = await createTlsContexts(
    { ...pair('/default'), hosts: [], minVersion: 'TLSv1.2', ...settings },
    { files, clock, facts },
  );
  onTestFinished(() => {
    contexts.close();
  });
  return contexts;
}

interface Handshake {
  /** Common name of the certificate that the client got. */
  readonly name: string;
  readonly protocol: string | null;
}

/** One handshake over loopback, upgraded as a listener does it. */
async function shake(contexts: TlsContexts, options: ConnectionOptions = {}): Promise<Handshake> {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    const secure = new TLSSocket(socket, contexts.options());
    secure.on('error', () => undefined);
    secure.on('_tlsError', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  try {
    await once(client, 'secureConnect');
    const { subject }: PeerCertificate = client.getPeerCertificate();
    return { name: String(subject.CN), protocol: client.getProtocol() };
  } finally {
    client.destroy();
    server.close();
  }
}

describe('the certificate of a connection', () => {
  it('is chosen by the name that the client asks for', async () => {
    files.writePair('/exact', { names: ['exact'] });
    files.writePair('/wild', { names: ['wild'] });
    const contexts = await open({
      hosts: [
        { name: 'MX.example.com', ...pair('/exact') },
        { name: '*.example.com', ...pair('/wild') },
      ],
    });
    const cases = {
      'mx.example.com': 'exact',
      'Mx.Example.Com': 'exact',
      'a.example.com': 'wild',
      'a.b.example.com': 'first',
      'example.com': 'first',
      'example.org': 'first',
    };
    for (const [servername, name] of Object.entries(cases))
      expect([servername, await shake(contexts, { servername })]).toMatchObject([servername, { name }]);
    expect(await shake(contexts)).toEqual({ name: 'first', protocol: 'TLSv1.3' });
    expect(contexts.secureContext('mx.example.com.')).toBe(contexts.secureContext('mx.example.com'));
    expect(contexts.secureContext('')).toBe(contexts.secureContext());
  });

  it('comes with no TLS below the version asked for', async () => {
    const twelve: ConnectionOptions = { maxVersion: 'TLSv1.2', minVersion: 'TLSv1' };
    expect(await shake(await open(), twelve)).toMatchObject({ protocol: 'TLSv1.2' });
    const eleven: ConnectionOptions = {
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'ALL:@SECLEVEL=0',
    };
    await expect(shake(await open(), eleven)).rejects.toThrow();
    await expect(shake(await open({ minVersion: 'TLSv1.3' }), twelve)).rejects.toThrow();
  });
});

describe('the start', () => {
  it('tells what was loaded', async () => {
    files.writePair('/other', {});
    await open({ hosts: [{ name: 'other.example', ...pair('/other') }] });
    expect(told).toEqual(['tls.loaded', 'tls.loaded other.example']);
  });

  it.each([
    ['a missing file', () => ({ certificate: '/missing.crt' }), '/missing.crt: no such file: /missing.crt'],
    [
      'a foreign key',
      () => ({ key: '/foreign.key' }),
      '/default.crt: the key does not belong to the certificate',
    ],
    [
      'a broken pair of a host',
      () => ({ hosts: [{ name: 'mx.example', certificate: '/default.key', key: '/default.key' }] }),
      /^\/default.key: the certificate cannot be read/,
    ],
  ])('fails with %s', async (_, settings, message) => {
    files.writePair('/foreign', {});
    await expect(open(settings())).rejects.toMatchObject({
      code: 'ERR_TLS_CERTIFICATE',
      message: expect.stringMatching(message) as string,
    });
    expect(clock.pending()).toBe(0);
  });

  it('goes on with a certificate that has expired, and says so', async () => {
    files.writePair('/default', { names: ['old'], to: clock.now() - 1 });
    expect(await shake(await open())).toMatchObject({ name: 'old' });
    expect(told).toEqual(['tls.loaded', 'tls.expiring']);
  });
});

describe('a change of the files', () => {
  it('is found within seconds and reaches new connections only', async () => {
    const contexts = await open();
    const before = contexts.secureContext();
    files.writePair('/default', { names: ['second'] });
    await clock.advance(4_999);
    expect(contexts.secureContext()).toBe(before);
    await clock.advance(1);
    expect(await shake(contexts)).toMatchObject({ name: 'second' });
    files.writePair('/default', { names: ['third'] });
    await clock.advance(5_000);
    expect(await shake(contexts)).toMatchObject({ name: 'third' });
    expect(told).toEqual(['tls.loaded', 'tls.loaded', 'tls.loaded']);
  });

  it('that is broken keeps the old certificate, and says why once', async () => {
    const contexts = await open();
    told.length = 0;
    files.write('/default.crt', 'half a certif');
    await clock.advance(60_000);
    expect(told).toEqual([expect.stringMatching(/^tls.kept {2}the certificate cannot be read/)]);
    expect(await shake(contexts)).toMatchObject({ name: 'first' });

    files.writePair('/default', { names: ['late'], to: clock.now() - 1 });
    await clock.advance(5_000);
    expect(told[1]).toBe('tls.kept  the certificate expired on 2026-01-01T00:00:59.000Z');
    expect(await shake(contexts)).toMatchObject({ name: 'first' });
  });

  it('that is half done is taken over when it is done', async () => {
    const contexts = await open();
    const next = makeCertificate({ names: ['next'] });
    files.write('/default.crt', next.certificate);
    expect(await contexts.reload()).toEqual([
      { name: '', status: 'kept', reason: 'the key does not belong to the certificate' },
    ]);
    files.write('/default.key', next.key);
    expect(await contexts.reload()).toEqual([{ name: '', status: 'loaded' }]);
    expect(await contexts.reload()).toEqual([{ name: '', status: 'unchanged' }]);
    expect(await shake(contexts)).toMatchObject({ name: 'next' });
  });

  it('that is early is taken over when its time has come', async () => {
    const contexts = await open();
    files.writePair('/default', { names: ['early'], from: clock.now() + 20_000 });
    await clock.advance(19_999);
    expect(await shake(contexts)).toMatchObject({ name: 'first' });
    await clock.advance(1);
    expect(await shake(contexts)).toMatchObject({ name: 'early' });
  });

  it('of one host does not touch the others', async () => {
    files.writePair('/other', { names: ['other'] });
    const contexts = await open({ hosts: [{ name: 'other.example', ...pair('/other') }] });
    files.write('/default.crt', '');
    files.writePair('/other', { names: ['newer'] });
    const [one, two] = await Promise.all([contexts.reload(), contexts.reload()]);
    expect(one).toBe(two);
    expect(one).toMatchObject([{ status: 'kept' }, { name: 'other.example', status: 'loaded' }]);
    expect(await shake(contexts, { servername: 'other.example' })).toMatchObject({ name: 'newer' });
  });

  it('is not looked for after the end', async () => {
    const contexts = await open();
    const looking = contexts.reload();
    contexts.close();
    await looking;
    await clock.advance(60_000);
    expect(clock.pending()).toBe(0);
    expect(await shake(contexts)).toMatchObject({ name: 'first' });
  });

  it('is not looked for after an end in the midst of looking', async () => {
    const contexts = await open();
    const advancing = clock.advance(5_000);
    contexts.close();
    await advancing;
    expect(clock.pending()).toBe(0);
  });
});

describe('the end of a certificate', () => {
  it('is announced once a day from 14 days before it, until it is renewed', async () => {
    files.writePair('/default', { to: clock.now() + 15 * DAY });
    await open();
    told.length = 0;
    await clock.advance(DAY - 5_000);
    expect(told).toEqual([]);
    await clock.advance(5_000);
    expect(told).toEqual(['tls.expiring']);
    await clock.advance(2 * DAY);
    expect(told).toHaveLength(3);
    files.writePair('/default', {});
    await clock.advance(2 * DAY);
    expect(told.slice(3)).toEqual(['tls.loaded']);
  });
});
