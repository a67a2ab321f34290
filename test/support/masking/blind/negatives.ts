// Blind negatives: what a bank's tools return that looks like data to mask and is none. Written before anything of the
// detectors was read.

import type { Random } from '../random.ts';

const HEX = '0123456789abcdef';
const ALNUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const hex = (random: Random, length: number): string => random.letters(length, HEX);
const two = (random: Random, from: number, to: number): string => String(random.between(from, to)).padStart(2, '0');
const uuid = (random: Random): string => [8, 4, 4, 4, 12].map((length) => hex(random, length)).join('-');
const day = (random: Random): string => `20${two(random, 20, 29)}-${two(random, 1, 12)}-${two(random, 1, 28)}`;
const time = (random: Random): string => `${two(random, 0, 23)}:${two(random, 0, 59)}:${two(random, 0, 59)}`;

type Writer = (random: Random) => string;

const NUMBERS: readonly Writer[] = [
  (r) => `Your order ${r.digits(10)} has left the warehouse.`,
  (r) => `Tracking: 1Z${r.letters(3, ALNUM)}${r.digits(3)}${r.digits(10)}`,
  (r) => `USPS tracking 9400${r.digits(18)}`,
  (r) => `DHL shipment no. ${r.digits(10)}, FedEx ${r.digits(12)}`,
  (r) => `INC${r.digits(7)} reopened, see also PAY-${r.digits(5)} and CHG${r.digits(7)}`,
  (r) => `Invoice INV-2026-${r.digits(6)} of ${day(r)} is overdue.`,
  (r) => `{"purchaseOrder":"45${r.digits(8)}","lines":${r.between(1, 40)}}`,
  (r) => `Rechnungsnummer: ${r.digits(8)}\nVorgangsnummer: ${r.digits(10)}`,
  (r) => `Facture n° 2026-${r.digits(6)}, dossier n° ${r.digits(9)}`,
  (r) => `N.º de pedido: ${r.digits(9)}. Factura ${r.digits(6)}/2026.`,
  (r) => `Fattura n. ${r.digits(4)}/2026, pratica ${r.digits(8)}`,
  (r) => `Factuurnummer ${r.digits(8)}, dossiernummer ${r.digits(9)}`,
  (r) => `Faktura nr ${r.digits(4)}/11/2026, zlecenie ${r.digits(9)}`,
  (r) =>
    `EUR ${r.between(1, 9)}.${r.digits(3)}.${r.digits(3)},${r.digits(2)} / $${r.between(10, 99)},${r.digits(3)},${r.digits(3)}.00`,
  (r) => `Solde : ${r.between(1, 9)} ${r.digits(3)} ${r.digits(3)},${r.digits(2)} €`,
  (r) =>
    `{"amount":${r.digits(3)}${r.between(1, 9)}.25,"currency":"GBP","minorUnits":${r.between(100000000, 999999999)}}`,
  (r) =>
    `{"isin":"${r.pick(['US0378331005', 'DE0007164600', 'GB0002634946', 'FR0000120271', 'NL0010273215'])}","qty":${r.between(1, 900)}}`,
  (r) => `CUSIP ${r.pick(['037833100', '594918104', '17275R102', '38259P508', '912828U81', r.digits(9)])} settled T+1`,
  (r) => `sedol,qty\n${r.pick(['B0YBKJ7', '0263494', 'B1YW440', '2046251'])},${r.between(1, 900)}`,
  (r) => `LEI: ${r.pick(['5493001KJTIIGC8Y1R12', '529900T8BM49AURSDO55', '7LTWFZYICNSX8D621K86'])}`,
  (r) =>
    `ts=${r.between(1_700_000_000, 1_800_000_000)}${r.digits(3)} level=info msg="batch done" rows=${r.between(1, 99999)}`,
  (r) =>
    `{"createdAt":${r.between(1_700_000_000, 1_800_000_000)},"updatedAt":${r.between(1_700_000_000, 1_800_000_000)}}`,
  (r) => `UETR ${uuid(r)}`,
  (r) => `ACH trace number 0910000${r.digits(8)}, batch ${r.digits(7)}`,
  (r) => `Transaction reference 9${r.digits(15)} posted ${day(r)}`,
  (r) => `IMEI 490154${r.digits(9)}`,
  (r) => `ISBN 978-3-16-${r.digits(6)}-0`,
  (r) => `EAN ${r.digits(13)}, batch L${r.digits(6)}`,
  (r) => `Vehicle WVWZZZ1JZXW${r.digits(6)}, plate ${r.letters(2)}-${r.letters(2)} ${r.digits(4)}`,
  (r) => `Cost centre ${r.digits(4)}-${r.digits(4)}, GL code ${r.digits(6)}, MCC ${r.digits(4)}`,
  (r) => `Employee no. 00${r.digits(6)} approved the batch; check no. ${r.digits(4)} is void.`,
  (r) => `Case ref 212-${r.digits(4)}-${r.digits(4)}, part no. 555-${r.digits(4)}-77`,
  (r) => `Meeting ID: 8${r.digits(2)} ${r.digits(4)} ${r.digits(4)}`,
  (r) => `Our reference ${r.digits(2)}/${r.digits(5)}/${r.digits(3)}. Your reference: ${r.letters(3)}${r.digits(6)}.`,
  (r) => `Customer number ${r.digits(8)}; contract ${r.digits(9)}; policy no. ${r.letters(2)}${r.digits(7)}`,
];

const MACHINES: readonly Writer[] = [
  (r) => `commit ${hex(r, 40)}\nMerge ${hex(r, 7)} into main`,
  (r) => `request ${uuid(r)} took ${r.between(1, 900)} ms`,
  (r) =>
    `core-ledger ${r.between(1, 9)}.${r.between(0, 30)}.${r.between(0, 9)}-rc.${r.between(1, 9)}+build.${r.digits(8)}`,
  (r) => `Oracle Database 19.${r.between(3, 25)}.0.0.0, driver 21.${r.between(1, 9)}.0.0`,
  (r) => `eth0 link/ether ${[0, 1, 2, 3, 4, 5].map(() => hex(r, 2)).join(':')} mtu 1500`,
  (r) => `image: ledger@sha256:${hex(r, 64)}`,
  (r) => `listening on localhost:${r.between(1024, 65000)}, metrics on :${r.between(1024, 65000)}`,
  (r) => `{"lat":${r.between(35, 60)}.${r.digits(6)},"lon":-${r.between(1, 99)}.${r.digits(6)}}`,
  (r) =>
    `utilisation ${r.between(1, 99)}.${r.digits(4)} %, EURUSD 1.0${r.digits(4)}, SOFR ${r.between(3, 5)}.${r.digits(5)}`,
  (r) => `.header { color: #${hex(r, 6)}; background: #${hex(r, 8)}; }`,
  (r) => `<img src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAA${r.letters(60, BASE64)}">`,
  (r) =>
    `-----BEGIN CERTIFICATE-----\nMIID${r.letters(60, BASE64)}\n${r.letters(64, BASE64)}\n-----END CERTIFICATE-----`,
  (r) => `-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI${r.letters(44, BASE64)}\n-----END PUBLIC KEY-----`,
  (r) => `"integrity": "sha512-${r.letters(86, BASE64)}=="`,
  (r) => `ETag: "${hex(r, 32)}"\nLast-Modified: Mon, 02 Mar 2026 ${time(r)} GMT`,
  (r) => `traceparent: 00-${hex(r, 32)}-${hex(r, 16)}-01`,
  (r) => `x-amzn-RequestId: ${uuid(r)}\nX-Cache: Miss from cloudfront`,
  (r) => `pod payments-${hex(r, 10)}-${r.letters(5, 'bcdfghjklmnpqrstvwxz2456789')} restarted ${r.between(1, 9)} times`,
  (r) => `arn:aws:lambda:eu-central-1:${r.digits(12)}:function:ledger-sealer`,
  (r) =>
    `Exception in thread "main" java.lang.IllegalStateException\n\tat com.bank.AccountService.close(AccountService.java:${r.between(1, 900)})`,
  (r) => `fault at 0x${hex(r, 16)}, error code 0x8007${hex(r, 4)}`,
  (r) => `next_cursor=${Buffer.from(JSON.stringify({ id: r.between(1000, 9999), dir: 'asc' })).toString('base64url')}`,
  (r) => `{"usage":{"total_tokens":${r.between(100, 9999)},"max_tokens":4096},"token_type":"bearer"}`,
  (r) =>
    `thread ${r.digits(5)} pid ${r.digits(6)} uid 1000 exit ${r.between(0, 137)} after ${r.between(1, 9)}h${two(r, 0, 59)}m`,
  (r) => `s3://evidence-log/year=2026/part-${r.digits(5)}-${uuid(r)}.snappy.parquet`,
];

const WORDS: readonly Writer[] = [
  (r) => `Trade date ${day(r)}, value date ${day(r)}, settles ${two(r, 1, 12)}/${two(r, 1, 28)}/2026.`,
  (r) => `The bond matures on ${r.between(1, 28)} March 20${two(r, 27, 49)}; first coupon ${two(r, 1, 28)}.09.2026.`,
  (r) => `Oakfield LLC was incorporated on March ${r.between(1, 28)}, 19${two(r, 60, 99)} in Delaware.`,
  (r) => `Customer since ${two(r, 1, 12)}/${two(r, 1, 28)}/19${two(r, 70, 99)}; last review ${day(r)}.`,
  (r) => `Statement period ${day(r)} to ${day(r)}, page ${r.between(1, 20)} of ${r.between(20, 345)}`,
  (r) => `{"accountOpened":"${day(r)}","passportExpiry":"${day(r)}","dobVerified":true}`,
  (r) =>
    `Passwords must have at least ${r.between(10, 16)} characters, a digit and a symbol. Never share your password or PIN.`,
  (r) => `The password was changed ${r.between(2, 30)} days ago; the token expired at ${day(r)}T${time(r)}Z.`,
  (r) =>
    `We never ask for your Social Security number by phone. Form W-9 (Rev. ${two(r, 1, 12)}/2024) asks for it on line 1.`,
  (r) => `SSN: ***-**-${r.digits(4)}, card ************${r.digits(4)}, account ending in ${r.digits(4)}`,
  (r) =>
    `{"maskedPan":"411111******${r.digits(4)}","accountNumber":"XXXXXX${r.digits(4)}","ssnLast4":"${r.digits(4)}"}`,
  () => 'Password: ********\nAPI key: <redacted>\nSecret: [hidden]',
  () => 'DB_PASSWORD=${' + 'DB_PASSWORD}\nAPI_KEY={{ vault.api_key }}\npassword: null\nsecret: ""',
  () => '{"properties":{"ssn":{"type":"string"},"password":{"type":"string","minLength":12},"iban":{"maxLength":34}}}',
  (r) => `ALTER TABLE customers ADD COLUMN ssn CHAR(9), ADD COLUMN account_number VARCHAR(${r.between(12, 34)});`,
  (r) => `SELECT ssn, dob, passport_no FROM customers WHERE id = ${r.digits(7)} AND account_type = 'CHECKING';`,
  () =>
    'const accountNumber = await getAccountNumberForCustomer(customerId);\nif (!password) throw new MissingPasswordError();',
  (r) =>
    `account_type: CHECKING\nphone_verified: true\niban_country: DE\naddress_count: ${r.between(1, 9)}\npassport_required: false`,
  (r) =>
    `We opened ${r.digits(2)}${r.between(1, 9)},${r.digits(3)} accounts in ${r.between(2010, 2026)}; balances of all accounts: ${r.between(10, 99)},${r.digits(3)},${r.digits(3)}.`,
  (r) =>
    `Status: ${r.pick(['APPROVED', 'DECLINED', 'REVERSED', 'CANCELED', 'RETURNED'])}, type ${r.pick(['TRANSFER', 'STANDING', 'CASHBACK', 'MANDATES'])}, SWIFT gpi enabled`,
  (r) =>
    `Passport renewal takes ${r.between(4, 11)} weeks and costs $130.00. MiFID II passporting notice no. ${r.between(10, 99)} applies.`,
  (r) =>
    `Banking licence granted in ${r.between(1950, 2020)}. ${r.between(10, 250)} software licences expire on ${day(r)}.`,
  (r) =>
    `${r.between(3, 90)} high street banks and ${r.between(2, 9)} Wall Street firms closed branches; Main Street lost ${r.between(2, 20)} % of them.`,
  (r) =>
    `12 CFR ${r.between(1000, 1030)}.${r.between(1, 40)}(b), Directive (EU) 2015/2366, section ${r.between(1, 40)} road map, RFC ${r.between(1000, 9999)}`,
  (r) => `Flight BA0${r.digits(3)} on ${day(r)}, room ${r.between(100, 900)}, train ICE ${r.between(100, 1200)}`,
  (r) =>
    `Branch opening hours 09:00-16:30, call volumes ${r.between(1000, 9999)} per week, phone queue ${r.between(1, 9)} min`,
  (r) =>
    `The IBAN has ${r.pick(['22', '27'])} characters in ${r.pick(['Germany', 'France'])}; the routing number has nine digits and the EIN 9.`,
  (r) =>
    `Card VISA **** ${r.digits(4)} exp ${two(r, 1, 12)}/${two(r, 27, 32)}, limit ${r.between(1, 9)},000, PIN tries left: ${r.between(0, 3)}`,
  (r) =>
    `| Metric | Value |\n|---|---|\n| Accounts | ${r.between(1000, 99999)} |\n| Password resets | ${r.between(100, 999)} |`,
  (r) => `Email bounced for ${r.between(2, 90)} recipients; see @ops-payments in chat, build @v${r.between(1, 9)}.2`,
];

export const BLIND_NEGATIVES: readonly Writer[] = [...NUMBERS, ...MACHINES, ...WORDS];
