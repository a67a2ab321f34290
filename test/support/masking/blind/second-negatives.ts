// Negatives of the second blind set: measured once, and never tuned on.

import type { Random } from '../random.ts';

const HEX = '0123456789abcdef';

const day = (random: Random): string =>
  `20${String(random.between(20, 29))}-0${random.between(1, 9)}-${random.between(10, 28)}`;

export const SECOND_NEGATIVES: readonly ((random: Random) => string)[] = [
  (r) => `Loan application ${r.digits(9)} was received on ${day(r)}.`,
  (r) => `{"dealId":"D${r.digits(8)}","notional":${r.between(1, 90)}000000,"tradeDate":"${day(r)}"}`,
  (r) => `Parcel JJD0${r.digits(17)} is out for delivery.`,
  (r) => `UPDATE jobs SET retries = ${r.between(1, 9)}, run_id = ${r.digits(9)} WHERE state = 'FAILED';`,
  (r) => `batch_id,accounts,total\n${r.digits(8)},${r.between(10, 999)},${r.digits(6)}.25`,
  (r) => `Ticket #${r.digits(8)}: customer asks how to reset the password.`,
  (r) => `The account was dormant for ${r.between(2, 20)} years; ${r.between(100, 999)} accounts are like it.`,
  (r) => `WKN ${r.digits(6)}, ISIN DE000${r.digits(6)}2, Kurs ${r.between(10, 99)},${r.digits(2)} EUR`,
  (r) =>
    `Zinssatz ${r.between(1, 9)},${r.digits(2)} %, Laufzeit ${r.between(12, 360)} Monate, Rate ${r.between(100, 999)},00 EUR`,
  (r) => `Montant : ${r.digits(3)} ${r.digits(3)},00 EUR, échéance le 15/0${r.between(1, 9)}/2027`,
  (r) => `merge ${r.letters(9, HEX)} into release/2026.${r.between(1, 12)}`,
  (r) => `GET /api/v3/items/${r.digits(9)}?page=${r.between(1, 99)}&size=100 200 ${r.between(1, 900)}ms`,
  (r) => `span_id=${r.letters(16, HEX)} parent=${r.letters(16, HEX)} sampled=1`,
  (r) => `{"etag":"W/\\"${r.letters(24, HEX)}\\"","size":${r.digits(7)}}`,
  (r) => `heap ${r.digits(9)} bytes used of ${r.digits(10)}; GC took 0.${r.digits(4)} s`,
  (r) => `kubectl scale deploy/ledger-${r.letters(8, HEX)} --replicas=${r.between(1, 9)}`,
  (r) => `Password policy: 90 days, history ${r.between(5, 24)}, lockout after ${r.between(3, 9)} attempts`,
  (r) =>
    `The token bucket refills ${r.between(10, 900)} tokens per second; secret sharing needs ${r.between(2, 5)} of 7 keys.`,
  () => 'password = getpass.getpass()\ntoken = os.environ["API_TOKEN"]',
  () => '<input type="password" name="password" placeholder="Enter your password" autocomplete="off">',
  () => 'The field "ssn" is required. Enter it as nnn-nn-nnnn, or tick "no SSN".',
  (r) => `SSN ending ${r.digits(4)}; card ending ${r.digits(4)}; phone ending ${r.digits(2)}`,
  (r) => `account=****${r.digits(4)} iban=DE** **** **** ${r.digits(2)} bic=****`,
  () => 'def mask_account_number(account_number: str) -> str: ...',
  (r) => `Passport office queue: ${r.between(100, 999)} people; average wait ${r.between(10, 99)} minutes`,
  (r) =>
    `Driver software ${r.between(100, 600)}.${r.digits(2)} supports licence server port ${r.between(20000, 29999)}`,
  (r) => `Founded ${r.between(1850, 1990)}; birth of the merger on ${r.between(1, 28)} May was a myth.`,
  (r) => `Next review ${day(r)}, last contact ${day(r)}, consent expires ${day(r)}`,
  (r) => `Settlement ${day(r)} T+2, coupon dates 15 March and 15 September, maturity 20${r.between(30, 60)}`,
  (r) => `Meeting in room ${r.between(100, 900)} on Bond Street at ${r.between(9, 17)}:30, dial-in details follow`,
  (r) => `Main Street bank index up ${r.between(1, 9)}.${r.digits(2)} % after ${r.between(2, 9)} road shows`,
  (r) => `SWIFT outage: ${r.between(100, 900)} messages DELAYED, ${r.between(1, 90)} REJECTED, status RESOLVED`,
  (r) => `Wire cut-off 17:00, fee $${r.between(15, 45)}.00, ${r.between(100, 900)} wires queued`,
  (r) => `Call recording 2026${r.digits(10)}.wav, duration ${r.between(60, 900)} s`,
  (r) => `EUR/PLN 4.${r.digits(4)}; DAX ${r.between(10, 25)}.${r.digits(3)},${r.digits(2)}`,
  (r) => `lat=5${r.digits(1)}.${r.digits(5)};lng=1${r.digits(1)}.${r.digits(5)};alt=${r.between(1, 900)}`,
  (r) => `sha1:${r.letters(40, HEX)}  core.tar.gz`,
  (r) =>
    `Version ${r.between(1, 20)}.${r.between(0, 30)}.${r.between(0, 9)}.${r.between(1000, 9999)} (build ${r.digits(8)})`,
  (r) => `Purchase order ${r.digits(10)} / GRN ${r.digits(9)} / vendor ${r.digits(6)}`,
  (r) => `epoch=${r.between(1_700_000_000, 1_800_000_000)} tz=UTC offset=${r.digits(9)}`,
  (r) => `Employee ID ${r.digits(8)}, cost centre ${r.digits(6)}, badge ${r.digits(7)}`,
  (r) => `Case number ${r.digits(9)}; docket ${r.digits(2)}-cv-${r.digits(5)}`,
  (r) => `The IBAN validator checks ${r.between(60, 90)} countries; the phone library ${r.between(200, 245)}.`,
  (r) => `color: #${r.letters(6, HEX)}; id="node-${r.digits(9)}"`,
];
