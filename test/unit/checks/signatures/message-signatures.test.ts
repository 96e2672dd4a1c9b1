import { describe, expect, it } from 'vitest';
import { createKeyCache } from '../../../../src/checks/signatures/key-cache.js';
import { MessageSignatures } from '../../../../src/checks/signatures/message-signatures.js';
import { parseHeader } from '../../../../src/message/header-block.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { silentResolver } from '../../../helpers/silent-resolver.js';
import { createFakeResolver, type FakeResolver } from '../../../helpers/fake-resolver.js';
import { judge } from '../../../helpers/judge-signatures.js';
import { arcSealed, dkimSigned, type Mail, rsaKey, textOf } from '../../../helpers/text-signer.js';

const key = rsaKey();
const name = 's._domainkey.a.test TXT';
const MAIL: Mail = { header: 'From: a@a.test\r\nSubject: x\r\n', body: 'Hello\r\n' };
const tags = (bh: string): string =>
  `v=1; a=rsa-sha256; c=relaxed/relaxed; d=a.test; s=s; h=from; bh=${bh}; b=`;
const SIGNED = dkimSigned(MAIL, { key, tags });
const zone = { [name]: [key.text] };

function depsOf(resolver: FakeResolver) {
  const clock = createFakeClock();
  return { clock, resolver, keys: createKeyCache({ clock }) };
}

const headerOf = ({ header }: Mail) => parseHeader(Buffer.from(header, 'latin1')).header;

describe('MessageSignatures', () => {
  it('is there at once for a message without signatures, and asks nobody', async () => {
    const resolver = createFakeResolver();
    const made = MessageSignatures.begin(depsOf(resolver), headerOf(MAIL));
    expect(made).toBeInstanceOf(MessageSignatures);
    const { dkim, arc, author } = await (await made).verify();
    expect([dkim.status, arc.status, author]).toEqual([
      'None',
      'None',
      { addresses: ['a@a.test'], fields: 1 },
    ]);
    expect(resolver.asked).toEqual([]);
  });

  it('asks for keys when the body is over, each once, and gives everybody the same results', async () => {
    const resolver = createFakeResolver(zone);
    const twice = dkimSigned(SIGNED, { key, tags });
    const signatures = await MessageSignatures.begin(depsOf(resolver), headerOf(twice));
    expect(resolver.asked).toEqual([]);
    signatures.update(Buffer.from(MAIL.body));
    const [one, other] = [signatures.verify(), signatures.verify()];
    expect(other).toBe(one);
    expect((await one).dkim.signatures.map(({ status }) => status)).toEqual(['Pass', 'Pass']);
    expect(resolver.asked).toEqual([name]);
  });

  it('asks once for a key that does not come', async () => {
    const resolver = createFakeResolver({ [name]: 'timeout' });
    const mail = dkimSigned(SIGNED, { key, tags });
    expect((await judge(textOf(mail), {}, { resolver })).dkim.status).toBe('TempError');
    expect(resolver.asked).toEqual([name]);
  });

  it('keeps a key for the next message, until its time is over', async () => {
    const resolver = createFakeResolver(zone);
    const deps = depsOf(resolver);
    const status = async (): Promise<string> => {
      const signatures = await MessageSignatures.begin(deps, headerOf(SIGNED));
      signatures.update(Buffer.from(MAIL.body));
      return (await signatures.verify()).dkim.status;
    };
    expect([await status(), await status()]).toEqual(['Pass', 'Pass']);
    expect(resolver.asked).toHaveLength(1);
    resolver.set(name, ['v=DKIM1; p=']);
    await deps.clock.advance(301_000);
    expect(await status()).toBe('PermError');
    expect(resolver.asked).toHaveLength(2);
  });

  it('gives up when its time is over, and says whose signature is undecided', async () => {
    const clock = createFakeClock();
    const resolver = { ...createFakeResolver(), ...silentResolver };
    const verified = judge(textOf(SIGNED), {}, { clock, resolver, deadlineMs: 5000 });
    await clock.settle();
    await clock.advance(5001);
    const { dkim, arc, author } = await verified;
    expect([dkim.status, arc.status]).toEqual(['TempError', 'None']);
    expect(dkim.signatures.map(({ status, domain }) => [status, domain])).toEqual([['TempError', 'a.test']]);
    expect(author).toMatchObject({ addresses: ['a@a.test'], fields: 1 });
    expect(clock.pending()).toBe(0);
  });

  it('a resolver that throws in spite of its promise is trouble too', async () => {
    const broken: FakeResolver = {
      ...createFakeResolver(),
      resolve: () => Promise.reject(new Error('boom')),
    };
    const { dkim, arc } = await judge(textOf(arcSealed(SIGNED, { key, i: 1 })), {}, { resolver: broken });
    expect([dkim.status, ['Fail', 'TempError']]).toEqual(['TempError', expect.arrayContaining([arc.status])]);
  });

  it('knows mailboxes, groups and several From fields', async () => {
    const author = async (from: string) => (await judge(`${from}\r\n\r\n`)).author;
    expect(await author('From: "x, y" <a@a.test>, b@b.test (c)')).toEqual({
      addresses: ['a@a.test', 'b@b.test'],
      fields: 1,
    });
    expect(await author('From: people: a@a.test, b@b.test;')).toEqual({
      addresses: ['a@a.test', 'b@b.test'],
      fields: 1,
    });
    expect(await author('From: nobody:;')).toEqual({ addresses: [], fields: 1 });
    expect(await author('From: a@a.test\r\nFROM: b@b.test')).toEqual({
      addresses: ['a@a.test', 'b@b.test'],
      fields: 2,
    });
    expect(await author('Subject: x')).toEqual({ addresses: [], fields: 0 });
  });
});
