import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standardMask, createMask } from '../src/mask.js';
import { snapshot } from '../src/snapshot.js';

/** A small generator with a seed, so that a failure can be had again. */
const dice = (seed) => {
  let state = seed;
  const next = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return { next, pick: (list) => list[next(list.length)], digits: (n) => Array.from({ length: n }, () => next(10)).join('') };
};

const luhn = (digits) => {
  const sum = [...`${digits}0`].reverse().reduce((all, d, i) => all + (i % 2 ? (+d * 2 > 9 ? +d * 2 - 9 : +d * 2) : +d), 0);
  return digits + ((10 - (sum % 10)) % 10);
};

const SURROUNDINGS = [['', ''], ['card ', ' refused'], ['"', '"'], ['(', ')'], ['a=', '&b=1'], ['x: ', ','], ['', '.'], ['…', '…'], ['<b>', '</b>'], ['/', '/edit']];

test('e-mail addresses are masked, whatever stands around them', () => {
  const chance = dice(1);
  for (let i = 0; i < 2000; i++) {
    const local = chance.pick(['joe', 'j.doe', 'joe+shop', 'joe_doe', 'o’hara', '12345', 'ümit', 'x-y']) + chance.digits(chance.next(3));
    const domain = chance.pick(['example.org', 'mail.example.co.uk', '163.com', 'x-y.example.travel', 'EXAMPLE.COM', 'müller.de']);
    const [before, after] = chance.pick(SURROUNDINGS);
    const text = standardMask().text(before + local + chance.pick(['@', '%40']) + domain + after);
    assert.equal(text.includes('***@***'), true, text);
    assert.equal(text.includes(local) || text.includes(domain), false, text);
  }
});

test('card numbers are masked, grouped or not, alone or beside others', () => {
  const chance = dice(2);
  for (let i = 0; i < 3000; i++) {
    const [start, length] = chance.pick([['4', 16], ['4', 13], ['51', 16], ['2221', 16], ['34', 15], ['37', 15], ['36', 14], ['6011', 16], ['62', 19], ['3528', 16]]);
    const card = luhn(start + chance.digits(length - start.length - 1));
    const separator = chance.pick(['', ' ', '-']);
    const written = length === 15 ? [card.slice(0, 4), card.slice(4, 10), card.slice(10)].join(separator) : card.match(/.{1,4}/g).join(separator);
    const [before, after] = chance.pick([...SURROUNDINGS, ['', ' 12/27'], ['12345 ', ' 123'], ['_', '_']]);
    const text = standardMask().text(before + written + after);
    assert.equal(text.includes(written), false, before + written + after);
  }
  assert.deepEqual({ ...snapshot({ n: 4111111111111111, m: 1767225600123 }) }, { n: '***', m: 1767225600123 });
});

test('a text that is not searched further has nothing that would be masked', () => {
  const chance = dice(5);
  const seen = { masked: 0, searched: 0 };
  for (let i = 0; i < 200_000; i++) {
    const text = Array.from({ length: 1 + chance.next(14) }, () =>
      chance.next(3) ? chance.digits(1 + chance.next(5)) : chance.pick([' ', '-', '.', '(', ') ', ')', '/', '_', ',', 'a', 'id ', ':'])).join('');
    // Behind another character it would be the end of a sentence
    if (text.startsWith('.')) continue;
    // Its first character has every text searched
    const searched = standardMask().text(`% ${text}`);
    assert.equal(`% ${standardMask().text(text)}`, searched, text);
    seen[searched.includes('***') ? 'masked' : 'searched']++;
  }
  assert.ok(seen.masked > 1000 && seen.searched > 1000, JSON.stringify(seen));
});

test('tokens, secrets by name, social security and phone numbers are masked', () => {
  for (const [text, left] of [
    ['Authorization: Bearer abcdefgh1234', 'Authorization: ***'],
    ['authorization=Basic am9lOnNlY3JldA==', 'authorization=***'],
    ['sent Bearer abcdefgh1234 along', 'sent *** along'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln end', 'jwt *** end'],
    ['https://x.example/a?access_token=abc&page=1', 'https://x.example/a?access_token=***&page=1'],
    ['https://x.example/a#api-key=abc', 'https://x.example/a#api-key=***'],
    ['password: hunter2, user: joe', 'password: ***, user: joe'],
    ["{ pwd: 'two words', n: 1 }", "{ pwd: ***', n: 1 }"],
    ['{"clientSecret":"a, b","n":1}', '{"clientSecret":***","n":1}'],
    ['CVV=123', 'CVV=***'],
    ['ssn 123-45-6789', 'ssn ***'],
    ['ssn 123 45 6789.', 'ssn ***.'],
    ['call +49 170 1234567', 'call ***'],
    ['call +1 (555) 123-4567 now', 'call *** now'],
    ['call (555) 123-4567', 'call ***'],
    ['call 555-123-4567, 555.123.4567', 'call ***, ***'],
    ['tel:+15551234567', 'tel:***'],
  ]) {
    assert.equal(standardMask().text(text), left);
  }
});

test('times, ids, prices, versions and places in a stack are left alone', () => {
  const kept = [
    '1767225600', 'exit-61213789-99ae-4f14-ae36-372389545609-7', '1767225600123', '1767225600123456', '20260102030405', '2026-01-02T03:04:05.678Z', '2026-01-02 03:04:05', '01-02-2026 10:30', '10:30:00.123',
    '550e8400-e29b-41d4-a716-446655440000', '4f3a2b1c0d9e8f70', 'd41d8cd98f00b204e9800998ecf8427e', 'order-12345678', 'A1234567890123456', '114-1234567-1234567',
    '$1,234.56', '1 234 567,89 €', '1.234.567', '0.4111111111111111', '-12.345678901234567', '52.520008, 13.404954', '+52.520008',
    '192.168.100.200:8080', '2001:db8::8a2e:370:7334', 'Chrome/120.0.6099.109', 'v1.2.3-rc.4', 'react@18.2.0', '@scope/package@1.2.3', 'icon@2x.png', '1920x1080',
    'at f (https://shop.example/assets/index-4f3a2b1c.js:1:234567)', 'f@https://shop.example/app.js:12:34', '@webpack-internal:///./src/a.js:1:2',
    'https://shop.example/reset-password:12:34', 'at Object.getToken (https://shop.example/a.js:1:2)', 'took 100 ms, then 200 ms', 'a token of esteem', 'the cookie jar',
    'Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON', 'Cannot read properties of undefined (reading \'password\')', 'key=value', 'max-age=3600', '5 - 3 = 2',
  ];
  for (const text of kept) assert.equal(standardMask().text(text), text);
  const chance = dice(3);
  for (let i = 0; i < 5000; i++) {
    const text = chance.pick([
      () => `${1.6e12 + chance.next(4e11)}`,
      () => new Date(1.6e12 + chance.next(4e11)).toISOString(),
      () => `at f${chance.next(99)} (https://shop.example/assets/index-${chance.next(2 ** 31).toString(16)}.js:${chance.next(9)}:${chance.next(1e6)})`,
      () => `${chance.next(1e6)}.${chance.digits(2)} €`,
      () => [8, 4, 4, 4, 12].map((n) => Array.from({ length: n }, () => chance.next(16).toString(16)).join('')).join('-'),
      () => `${chance.next(1e9)}`,
      () => `${chance.next(2 ** 31) / 2 ** 31}`,
      () => `#${chance.next(1e9)} of ${chance.next(1e9)}`,
    ])();
    // One in some thousands of random UUIDs has the shape of a card number at its end, and the check digit of one.
    assert.equal(standardMask().text(text), text);
  }
});

test('8,000 hostile characters take no more than a moment', () => {
  const hostile = ['a', 'a@', 'a.', '%40', 'eyJ', 'eyJ-', '1', '1 ', '4111 ', '1-', '+1', '(', 'password', 'password=', 'password="', "pwd='\"", 'token   ', 'bearer ', 'bearer  ', '\\', '"', '.a', '@a.'];
  for (const part of hostile) {
    for (const text of [part.repeat(8000 / part.length), `x@${part.repeat(8000 / part.length)}`, `${part.repeat(8000 / part.length)}@`]) {
      const begun = process.cpuUsage();
      standardMask().text(text);
      const { user } = process.cpuUsage(begun);
      assert.ok(user < 1e6, `${part}: ${user} µs of processor time`);
    }
  }
});

test('a server’s names are looked for in fields and in texts', () => {
  const mask = createMask(['iban', 'loyalty-number']);
  assert.ok(mask.hides('IBAN') && mask.hides('loyaltyNumber') && mask.hides('their_loyalty_number') && mask.hides('accessToken'));
  assert.ok(!mask.hides('loyalty') && !mask.hides('tokens') && !mask.hides('message'));
  assert.equal(mask.text('iban=DE02 and loyalty_number: 7'), 'iban=*** and loyalty_number: ***');
});

test('fields are removed at any depth and from maps, and their getters are not even read', () => {
  let reads = 0;
  const secret = { get password() { reads++; return 'x'; } };
  const copy = snapshot({ a: [{ secret, phone: 1, 'Set-Cookie': 'x', ok: 1 }], m: new Map([['token', 'x'], ['ok', 2]]), apiKey: 'x', CVV: 1 });
  assert.deepEqual(JSON.parse(JSON.stringify(copy)), { a: [{ ok: 1 }], m: { ok: 2 } });
  snapshot({ user: { get password() { reads++; return 'x'; }, Password: 1 } });
  assert.equal(reads, 0);
});

test('what a limit cuts through is masked all the same', () => {
  for (let shift = 0; shift < 30; shift++) {
    const { message } = snapshot({ message: `${'x'.repeat(470 + shift)} 4111 1111 1111 1111 and more ${'y'.repeat(100)}` });
    assert.ok(message.length <= 500 && !message.includes('4111'), message.slice(-40));
    assert.ok(message.endsWith('…'));
  }
});
