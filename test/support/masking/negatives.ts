// What looks like data and is none: numbers and words that banks write all day.

import type { Random } from './random.ts';

const HEX = '0123456789abcdef';
const uuid = (random: Random): string => [8, 4, 4, 4, 12].map((length) => random.letters(length, HEX)).join('-');
const iso = (random: Random): string =>
  `2026-0${random.between(1, 9)}-1${random.digits(1)}T1${random.digits(1)}:${random.between(10, 59)}:${random.between(10, 59)}.${random.digits(3)}Z`;

/** As many as there are sorts, each from its own seed of chance: some order numbers do pass Luhn. */
export const NEGATIVES: readonly ((random: Random) => string)[] = [
  (random) => `Order ${random.digits(12)} was shipped`,
  (random) => `order_id=${random.between(1, 9)}${random.digits(15)}`,
  (random) => `Tracking number: ${random.digits(22)}`,
  (random) => `FedEx ${random.digits(12)} delivered`,
  (random) => `UPS 1Z${random.letters(6)}${random.digits(10)}`,
  (random) => `{"trace_id":"${random.letters(32, HEX)}","span_id":"${random.letters(16, HEX)}"}`,
  (random) => `request ${uuid(random)} done`,
  (random) => `sha256:${random.letters(64, HEX)}`,
  (random) => `commit ${random.letters(40, HEX)}`,
  (random) => `etag "${random.letters(32, HEX)}"`,
  (random) => `${iso(random)} INFO started worker ${random.between(1, 64)}`,
  (random) => `created_at: ${random.between(1_700_000_000, 1_790_000_000)}`,
  (random) => `"updated":${random.between(1_700_000_000_000, 1_790_000_000_000)}`,
  (random) =>
    `version ${random.between(1, 20)}.${random.between(0, 30)}.${random.between(0, 99)}.${random.between(0, 9)}`,
  (random) => `v${random.between(1, 9)}.${random.between(0, 30)}.${random.between(0, 99)}`,
  (random) => `Chrome/${random.between(100, 140)}.0.${random.digits(4)}.${random.between(10, 99)}`,
  (random) =>
    `Invoice INV-2026-${random.digits(6)} over $${random.between(1, 9)},${random.digits(3)}.${random.digits(2)}`,
  (random) => `SKU ${random.digits(3)}-${random.digits(3)}-${random.digits(4)}`,
  (random) => `Case ref ${random.digits(3)}-${random.digits(3)}-${random.digits(4)} closed`,
  (random) => `Part no. ${random.digits(2)}-${random.digits(7)}`,
  (random) => `Account balance: $${random.digits(6)}.${random.digits(2)}`,
  (random) => `account opened on 2024-0${random.between(1, 9)}-1${random.digits(1)}`,
  (random) => `Account manager since 20${random.between(10, 25)}; ${random.digits(4)} clients`,
  (random) => `transfer of ${random.digits(7)} EUR was booked`,
  (random) => `rows=${random.digits(7)} bytes=${random.digits(9)} ms=${random.digits(4)}`,
  (random) =>
    `GET /api/v${random.between(1, 4)}/customers/${random.between(10000, 99999)} 200 ${random.digits(2)} ${random.digits(4)}`,
  (random) => `lat ${random.between(10, 80)}.${random.digits(6)}, lon -${random.between(10, 80)}.${random.digits(6)}`,
  (random) => `mac 00:1a:2b:${random.letters(2, HEX)}:${random.letters(2, HEX)}:${random.letters(2, HEX)}`,
  () => 'const x = std::vector<int>::iterator; a::b::c; Foo::Bar',
  () => 'See section 12.4.3.1 of the manual, page 1204, table 33.',
  () => 'The meeting is on 2026-03-14, 15:30, room 401 (floor 4).',
  () => 'Reset your password at the branch; the password is never asked for by phone.',
  () => 'The token expired. Please request a new token or ask for an API key.',
  () => 'Password policy: at least 12 characters; passwords expire after 90 days.',
  () => 'Our secret sauce is patience. The key takeaway: read it twice.',
  () => 'Passport renewals take 6 weeks; the passport office opens at 9:00.',
  () => 'She has held a driving licence since 2019 and drives 12000 km a year.',
  () => 'MIT License; license header in 240 files; licence fee 2026.',
  () => 'Born leaders share birthday cake; 12 of 40 did in 2024.',
  () => 'Walk 2 blocks down the street, then 5 minutes along the road.',
  () => 'SWIFT payments take one day; a TRANSFER to a CUSTOMER abroad takes two.',
  () => 'The routing table has 512 entries; routing changes at 021 UTC.',
  () => 'Call 3 times before 10 and text 2 colleagues; phone tree has 14 nodes.',
  () => 'user@localhost ran make@2x; see @mentions and a @ b.',
  () => 'Rate 4.125%, LTV 80, DTI 43, term 360, 1.1 points.',
  (random) => `ISBN 978-0-${random.digits(3)}-${random.digits(5)}-${random.between(0, 9)}`,
  (random) =>
    `price: ${random.between(1, 999)}.${random.digits(2)} qty: ${random.between(1, 99)} total: ${random.digits(5)}.${random.digits(2)}`,
  (random) => `batch ${random.digits(9)} of ${random.digits(9)} (${random.digits(2)}%)`,
  (random) => `AS${random.digits(5)} LU${random.digits(3)} DE ${random.digits(4)} GB ${random.digits(2)}`,
  (random) => `pid=${random.digits(5)} tid=${random.digits(6)} port=${random.digits(4)} code=${random.digits(3)}`,
];
