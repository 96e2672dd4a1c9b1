import { describe, expect, it } from 'vitest';
import { decodeXtext, parseMailParameters, parseRcptParameters } from '../../../src/smtp/parameters.js';

describe('parseMailParameters', () => {
  it('reads every known parameter', () => {
    expect(
      parseMailParameters(' SIZE=1000 body=8bitmime SMTPUTF8 AUTH=a+2Bb@example.com RET=hdrs ENVID=x+20y'),
    ).toEqual({
      status: 'ok',
      parameters: {
        size: 1000,
        body: '8BITMIME',
        smtpUtf8: true,
        auth: 'a+b@example.com',
        ret: 'HDRS',
        envid: 'x+20y',
      },
    });
    expect(parseMailParameters(' AUTH=<>')).toMatchObject({ parameters: { auth: '' } });
  });

  it.each([' FOO', ' FOO=1', ' __proto__x=1', ' constructor=1'])('does not know %s', (text) => {
    expect(parseMailParameters(text).status).not.toBe('ok');
  });

  it('tells unknown from bad', () => {
    expect(parseMailParameters(' FOO=1')).toEqual({ status: 'unknown', keyword: 'FOO' });
    expect(parseMailParameters(' BODY=BINARYMIME')).toMatchObject({ status: 'bad', keyword: 'BODY' });
  });

  it.each([
    ' SIZE',
    ' SIZE=',
    ' SIZE=x',
    ' SIZE=-1',
    ' SIZE=123456789012345678901',
    ' SIZE=1 SIZE=1',
    ' SMTPUTF8=yes',
    ' RET=some',
    ' ENVID=a+0Db',
    ' ENVID=a+zz',
    ' AUTH=a=b',
    ' =x',
    ' SIZE=1\tBODY=7BIT',
  ])('refuses %j', (text) => {
    expect(parseMailParameters(text).status).toBe('bad');
  });
});

describe('parseRcptParameters', () => {
  it('reads NOTIFY and ORCPT', () => {
    expect(parseRcptParameters(' NOTIFY=success,FAILURE ORCPT=rfc822;a+40b')).toEqual({
      status: 'ok',
      parameters: { notify: ['SUCCESS', 'FAILURE'], orcpt: 'rfc822;a+40b' },
    });
  });

  it.each([' NOTIFY', ' NOTIFY=NEVER,DELAY', ' NOTIFY=ALWAYS', ' ORCPT=a@b', ' ORCPT=rfc822;', ' ORCPT=;a'])(
    'refuses %s',
    (text) => {
      expect(parseRcptParameters(text).status).toBe('bad');
    },
  );
});

describe('decodeXtext', () => {
  it('decodes, and refuses what is not xtext or hides controls', () => {
    expect(decodeXtext('a+2Bb')).toBe('a+b');
    expect(decodeXtext('a+0Ab')).toBeUndefined();
    expect(decodeXtext('a b')).toBeUndefined();
  });
});
