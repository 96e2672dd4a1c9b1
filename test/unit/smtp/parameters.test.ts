import { describe, expect, it } from 'vitest';
import {
  type MailParameters,
  type ParameterExtension,
  type ParameterResult,
  type ParameterRules,
  parseMailParameters,
  parseRcptParameters,
  type RcptParameters,
} from '../../../src/smtp/parameters.js';

/** Everything is offered, less the names given. */
function rules(...missing: readonly ParameterExtension[]): ParameterRules {
  return { offered: (extension) => !missing.includes(extension), utf8: false };
}

function mail(text: string, given: ParameterRules = rules()): ParameterResult<MailParameters> {
  return parseMailParameters(text, given);
}

function rcpt(text: string, given: ParameterRules = rules()): ParameterResult<RcptParameters> {
  return parseRcptParameters(text, given);
}

describe('parseMailParameters', () => {
  it('reads every known parameter', () => {
    expect(
      mail(' SIZE=1000 body=8bitmime SMTPUTF8 AUTH=a+2Bb@example.com RET=hdrs ENVID=x+20y requiretls'),
    ).toEqual({
      status: 'ok',
      parameters: {
        size: 1000,
        body: '8BITMIME',
        smtpUtf8: true,
        auth: 'a+b@example.com',
        ret: 'HDRS',
        envid: 'x+20y',
        requireTls: true,
      },
    });
    expect(mail(' AUTH=<>')).toMatchObject({ parameters: { auth: '' } });
    expect(mail(' AUTH=j+C3+B6rg@x.example')).toMatchObject({ parameters: { auth: 'jörg@x.example' } });
    expect(mail(' AUTH=j+F6rg@x.example')).toMatchObject({ parameters: { auth: 'jörg@x.example' } });
    expect(mail(' BODY=binarymime')).toMatchObject({ parameters: { body: 'BINARYMIME' } });
  });

  it.each([' FOO', ' FOO=1', ' __proto__x=1', ' constructor=1', ' NOTIFY=NEVER'])(
    'does not know %s',
    (text) => {
      expect(mail(text).status).not.toBe('ok');
    },
  );

  it('tells unknown from bad', () => {
    expect(mail(' FOO=1')).toEqual({ status: 'unknown', keyword: 'FOO' });
    expect(mail(' BODY=9BIT')).toMatchObject({ status: 'bad', keyword: 'BODY' });
  });

  it.each<[string, ParameterExtension]>([
    [' SIZE=1', 'SIZE'],
    [' BODY=7BIT', '8BITMIME'],
    [' BODY=8BITMIME', '8BITMIME'],
    [' BODY=BINARYMIME', 'BINARYMIME'],
    [' SMTPUTF8', 'SMTPUTF8'],
    [' AUTH=<>', 'AUTH'],
    [' REQUIRETLS', 'REQUIRETLS'],
    [' RET=FULL', 'DSN'],
    [' ENVID=x', 'DSN'],
  ])('takes%s only where %s was offered', (text, extension) => {
    const keyword = text.trim().split('=')[0];
    expect(mail(text).status).toBe('ok');
    expect(mail(text, rules(extension))).toEqual({ status: 'notOffered', keyword });
    expect(mail(`${text}=bad`, rules(extension)).status).not.toBe('ok');
  });

  it.each([
    ' SIZE',
    ' SIZE=',
    ' SIZE=x',
    ' SIZE=-1',
    ' SIZE=123456789012345678901',
    ' SIZE=1 SIZE=1',
    ' SMTPUTF8=yes',
    ' REQUIRETLS=yes',
    ' RET=some',
    ' ENVID=a+0Db',
    ' ENVID=a+zz',
    ' AUTH=a=b',
    ' AUTH=a+C2+85b',
    ' AUTH=jörg@x.example',
    ' =x',
    ' SIZE=1\tBODY=7BIT',
  ])('refuses %j', (text) => {
    expect(mail(text).status).toBe('bad');
  });
});

describe('a parameter that is malformed', () => {
  it.each([
    [' SIZE=', 'SIZE', 'takes a number of octets'],
    [' SIZE', 'SIZE', 'takes a number of octets'],
    [' size=1=2', 'SIZE', 'takes a number of octets'],
    [' ENVID=', 'ENVID', 'takes xtext'],
    [' AUTH=', 'AUTH', 'takes an address in xtext'],
    [' SMTPUTF8=', 'SMTPUTF8', 'takes no value'],
    [' FOO=', 'FOO', 'has no value after its equals sign'],
    [' FOO=a=b', 'FOO', 'has a value with a character that no value may have'],
    [' FOO=a\tb', 'FOO', 'has a value with a character that no value may have'],
    [' =x', '=x', 'has no name of letters, digits and hyphens'],
    [' -a=x', '-a=x', 'has no name of letters, digits and hyphens'],
    [` =${'x'.repeat(100)}`, `=${'x'.repeat(39)}`, 'has no name of letters, digits and hyphens'],
  ])('is named, with what is wrong: %j', (text, keyword, reason) => {
    expect(mail(text)).toEqual({ status: 'bad', keyword, reason });
  });

  it('of a recipient is named as well', () => {
    expect(rcpt(' NOTIFY=')).toMatchObject({
      keyword: 'NOTIFY',
      reason: 'takes NEVER, or SUCCESS, FAILURE and DELAY',
    });
    expect(rcpt(' ORCPT=')).toMatchObject({
      keyword: 'ORCPT',
      reason: 'takes an address type, a semicolon and an encoded address',
    });
  });
});

describe('parseRcptParameters', () => {
  it('reads NOTIFY and ORCPT', () => {
    expect(rcpt(' NOTIFY=success,FAILURE ORCPT=rfc822;a+40b')).toEqual({
      status: 'ok',
      parameters: { notify: ['SUCCESS', 'FAILURE'], orcpt: 'rfc822;a+40b' },
    });
  });

  it.each([' NOTIFY', ' NOTIFY=NEVER,DELAY', ' NOTIFY=ALWAYS', ' NOTIFY=DELAY,', ' ORCPT', ' ORCPT=a@b'])(
    'refuses %s',
    (text) => {
      expect(rcpt(text).status).toBe('bad');
    },
  );

  it.each([' NOTIFY=NEVER', ' ORCPT=rfc822;a@b'])('takes%s only where DSN was offered', (text) => {
    expect(rcpt(text).status).toBe('ok');
    expect(rcpt(text, rules('DSN')).status).toBe('notOffered');
  });
});
