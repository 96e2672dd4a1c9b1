import { describe, expect, it } from 'vitest';
import { parseUsers } from '../../../src/auth/parse-users.js';

const HASH = `$scrypt$ln=15,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

function parse(...lines: readonly string[]) {
  const { users, findings } = parseUsers(Buffer.from(lines.join('\n')));
  return { users: Object.fromEntries(users), findings };
}

describe('parseUsers', () => {
  it('reads hashes and plain secrets, and passes over comments and blank lines', () => {
    const { users, findings } = parse(
      '# the users of example.com',
      '',
      `ann@example.com:${HASH}`,
      '   ',
      'tim:{PLAIN}tanstaaf:#{PLAIN} word',
    );
    expect(findings).toEqual([]);
    expect(users).toEqual({
      'ann@example.com': { kind: 'hash', hash: HASH },
      tim: { kind: 'plain', secret: 'tanstaaf:#{PLAIN} word' },
    });
  });

  it('takes CRLF, a byte order mark and a last line without an end', () => {
    const { users, findings } = parse('\ufeffann:{PLAIN}a\r', 'tim:{PLAIN}b');
    expect(findings).toEqual([]);
    expect(users).toEqual({ ann: { kind: 'plain', secret: 'a' }, tim: { kind: 'plain', secret: 'b' } });
  });

  it('keeps names and secrets in NFC', () => {
    expect(parse('jose\u0301:{PLAIN}e\u0301').users).toEqual({
      'jos\u00e9': { kind: 'plain', secret: '\u00e9' },
    });
  });

  it.each([
    ['ann', '', /no colon/],
    [`:${HASH}`, '', /name is empty/],
    [` ann:${HASH}`, '', /name begins or ends with a blank/],
    ['a\x07b:{PLAIN}x', '', /does not print/],
    ['ann:', 'ann', /neither a hash nor \{PLAIN\}/],
    ['ann:hunter2', 'ann', /neither a hash/],
    ['ann:{plain}hunter2', 'ann', /neither a hash/],
    ['ann:$2b$10$abcdefghijklmnopqrstuv', 'ann', /neither a hash/],
    [`ann:${HASH} `, 'ann', /neither a hash/],
    ['ann:{PLAIN}', 'ann', /password is empty/],
    ['ann:{PLAIN}hunter2 ', 'ann', /begins or ends with a blank/],
    ['ann:{PLAIN}hunter2\tx', 'ann', /control character/],
    ['ann:{PLAIN}hunter2\r\r', 'ann', /blank|control character/],
    [`ann:{PLAIN}${'x'.repeat(513)}`, 'ann', /longer than 512/],
    ['x'.repeat(1025), '', /longer than 1024/],
  ])('refuses the line %j and only it', (line, user, reason) => {
    const { users, findings } = parse('one:{PLAIN}1', line, 'two:{PLAIN}2');
    expect(Object.keys(users)).toEqual(['one', 'two']);
    expect(findings).toEqual([{ line: 2, user, reason: expect.stringMatching(reason) as unknown }]);
    // What is told about a line never holds what may be a password.
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });

  it('refuses a line that is not UTF-8 and goes on', () => {
    const octets = Buffer.concat([
      Buffer.from('one:{PLAIN}1\n'),
      Buffer.from([0xe9, 0x3a, 0x0a]),
      Buffer.from('two:{PLAIN}2'),
    ]);
    const { users, findings } = parseUsers(octets);
    expect([...users.keys()]).toEqual(['one', 'two']);
    expect(findings).toEqual([{ line: 2, user: '', reason: 'the line is not UTF-8' }]);
  });

  it('refuses a user with two lines, whichever of them are right', () => {
    const reason = expect.stringMatching(/line \d names this user already/) as unknown;
    const twice = parse('ann:{PLAIN}1', 'tim:{PLAIN}2', 'ann:{PLAIN}1', 'ann:{PLAIN}3');
    expect(Object.keys(twice.users)).toEqual(['tim']);
    expect(twice.findings).toEqual([
      { line: 3, user: 'ann', reason },
      { line: 4, user: 'ann', reason },
    ]);
    expect(parse('ann:bad', 'ann:{PLAIN}1').users).toEqual({});
    expect(parse('ann:{PLAIN}1', 'ann:bad').users).toEqual({});
    expect(parse('jose\u0301:{PLAIN}1', 'jos\u00e9:{PLAIN}1').users).toEqual({});
  });
});
