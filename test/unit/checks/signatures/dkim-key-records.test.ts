import type { DkimStatus } from '../../../../src/checks/signatures/verified.js';
import { describe, expect, it } from 'vitest';

import { judge, type Zone } from '../../../helpers/judge-signatures.js';
import { dkimSigned, type Mail, rsaKey, textOf } from '../../../helpers/text-signer.js';

const key = rsaKey();
const short = rsaKey(512);
const name = 's._domainkey.a.test TXT';
const TAGS = 'v=1; a=rsa-sha256; c=relaxed/relaxed; d=a.test; s=s; h=from:to:subject; bh=BH; b=';
const MAIL: Mail = { header: 'From: a@a.test\r\nTo: b@b.test\r\nSubject: hi\r\n', body: 'Hello\r\n' };

function signed(tags: string = TAGS): Mail {
  return dkimSigned(MAIL, { key, tags: (bh) => tags.replace('BH', bh) });
}

async function first(mail: Mail, known: Zone) {
  const { dkim } = await judge(textOf(mail), known);
  return dkim.signatures[0];
}

/** RFC 6376 §3.6.1 and §6.1.2. */
describe('a key record that', () => {
  it.each<[string, DkimStatus, Zone[string]]>([
    ['is not there', 'PermError', 'nxdomain'],
    ['has no text', 'PermError', 'none'],
    ['is empty', 'PermError', ['']],
    ['is revoked', 'PermError', ['v=DKIM1; k=rsa; p=']],
    ['has no key', 'PermError', ['v=DKIM1; k=rsa']],
    ['holds something else', 'PermError', ['v=spf1 -all']],
    ['holds no base64', 'PermError', ['v=DKIM1; p=%%%%']],
    ['holds no key in its base64', 'PermError', ['v=DKIM1; p=AAAA']],
    ['is cut in its middle', 'PermError', [key.text.slice(0, 120)]],
    ['is of another version', 'PermError', [key.text.replace('DKIM1', 'DKIM2')]],
    ['has its version last', 'PermError', [`${key.text.replace('v=DKIM1; ', '')}; v=DKIM1`]],
    ['is of another type', 'PermError', [key.text.replace('k=rsa', 'k=foo')]],
    ['says Ed25519 over an RSA key', 'PermError', [key.text.replace('k=rsa', 'k=ed25519')]],
    ['is for another service', 'PermError', [`${key.text}; s=tlsrpt`]],
    ['is for another hash', 'PermError', [`${key.text}; h=sha1`]],
    ['has a tag twice', 'PermError', [`${key.text}; k=rsa`]],
    ['is too short', 'Policy', [short.text]],
    ['is for every service', 'Pass', [`${key.text}; s=*`]],
    ['is for mail among others', 'Pass', [`${key.text}; s=tlsrpt:email`]],
    ['is for both hashes', 'Pass', [`${key.text}; h=sha1:sha256`]],
    ['has neither version nor type', 'Pass', [key.text.replace('v=DKIM1; k=rsa; ', '')]],
    ['has white space in its key', 'Pass', [key.text.replace(/(.{60})/g, '$1 \t')]],
    ['has notes and unknown tags', 'Pass', [`${key.text}; n=a=b; w=1`]],
    ['is followed by another record', 'Pass', [key.text, 'v=spf1 -all']],
    ['does not come in time', 'TempError', 'timeout'],
    ['is refused', 'TempError', 'refused'],
    ['makes the server fail', 'TempError', 'servfail'],
    ['comes malformed', 'TempError', 'malformed'],
    ['has a name that is none', 'PermError', 'badName'],
  ])('%s: %s', async (_title, status, answer) => {
    expect((await first(signed(), { [name]: answer }))?.status).toBe(status);
  });

  it('says t=y: the domain is testing', async () => {
    expect(await first(signed(), { [name]: [`${key.text}; t=y`] })).toMatchObject({
      status: 'Pass',
      testing: true,
    });
  });

  it('says t=s: no identity below the domain', async () => {
    const known: Zone = { [name]: [`${key.text}; t=s`] };
    expect((await first(signed(), known))?.status).toBe('Pass');
    const below = signed(TAGS.replace('s=s;', 's=s; i=@mail.a.test;'));
    expect(await first(below, known)).toMatchObject({ status: 'Neutral', explanation: 'domain mismatch' });
  });
});
