// The rule packs: what a bank masks before it has written a rule of its own. A change of a pack is a new version of the
// rules it changes. Pure.

import { DETECTORS, type DetectorId } from './detectors/catalog.ts';
import type { Action, DetectorRule, KeyRule, PackName, Rule } from './rules.ts';

/** Rules of fields and detectors that find more since they were first shipped. */
const CHANGED_FIELDS: ReadonlySet<string> = new Set(
  'card-field account-field birthdate-field passport-field licence-field ssn-field tax-id-field aba-field kontonummer-field geburtsdatum-field password-field secret-field'.split(
    ' ',
  ),
);

const detect = (pack: PackName, detector: DetectorId, action: Action = 'redact'): DetectorRule => ({
  id: `${pack}.${detector}`,
  version: DETECTORS[detector].version,
  detectors: [detector],
  action,
});

const fields = (pack: PackName, name: string, label: string, keys: string, action: Action = 'redact'): KeyRule => ({
  id: `${pack}.${name}`,
  version: CHANGED_FIELDS.has(name) ? 2 : 1,
  keys: keys.split(' '),
  label,
  action,
});

/** Fields that banks on both sides of the Atlantic name alike. Names are compared without case and separators. */
const commonFields = (pack: PackName): readonly Rule[] => [
  fields(
    pack,
    'card-field',
    'card',
    'cardnumber cardno pan primaryaccountnumber creditcard creditcardnumber debitcardnumber ccnumber ccno ccnum cardnum cardnbr cardpan pannumber kartennummer kreditkartennummer',
    'partial',
  ),
  fields(
    pack,
    'card-code-field',
    'card-code',
    'cvv cvv2 cvc cvc2 cid cardsecuritycode cardverificationvalue pinblock track1 track2',
  ),
  fields(
    pack,
    'account-field',
    'account',
    'accountnumber accountno acctnumber acctno acctnum bankaccountnumber bankaccount ' +
      'acctnbr accountnbr accountnum bankaccountno customeraccountnumber beneficiaryaccountnumber payeeaccountnumber payeraccountnumber ' +
      'debitaccountnumber creditaccountnumber fromaccountnumber toaccountnumber sourceaccountnumber destinationaccountnumber ' +
      'checkingaccountnumber savingsaccountnumber loanaccountnumber',
    'partial',
  ),
  fields(
    pack,
    'birthdate-field',
    'birthdate',
    'dob dateofbirth birthdate birthday birthdt dobdt customerdob clientdob holderdob borrowerdob applicantdob',
  ),
  fields(
    pack,
    'passport-field',
    'passport',
    'passport passportnumber passportno passportid passportnbr passportnum pptno',
  ),
  fields(
    pack,
    'licence-field',
    'licence',
    'driverslicense driverslicence driverlicense driverslicensenumber driverlicensenumber drivinglicence drivinglicencenumber dlnumber dlno ' +
      'driverslicenseno driverlicenseno driverslicencenumber driverlicencenumber drivinglicenceno drivinglicense drivinglicensenumber ' +
      'drivinglicenseno dlnum dlnbr',
  ),
  fields(pack, 'maiden-name-field', 'maiden-name', 'mothersmaidenname maidenname'),
];

const US_BANK: readonly Rule[] = [
  fields(
    'us-bank',
    'ssn-field',
    'ssn',
    'ssn ssns ssnumber socialsecurity socialsecuritynumber socialsecurityno socsec ' +
      'ssnno ssnnumber ssnnbr socsecno socsecnum customerssn borrowerssn applicantssn',
  ),
  fields(
    'us-bank',
    'tax-id-field',
    'tax-id',
    'itin tin taxid taxpayerid taxpayeridentificationnumber ein fein itinnumber einnumber federaltaxid fedtaxid taxidnumber employeridentificationnumber',
  ),
  fields(
    'us-bank',
    'aba-field',
    'aba',
    'routingnumber abarouting abanumber abartn rtn routingno routingnbr abaroutingnumber routingtransitnumber achroutingnumber wireroutingnumber abacode',
  ),
  ...commonFields('us-bank'),
  detect('us-bank', 'card', 'partial'),
  detect('us-bank', 'ssn'),
  detect('us-bank', 'itin'),
  detect('us-bank', 'ein'),
  detect('us-bank', 'aba'),
  detect('us-bank', 'account', 'partial'),
  detect('us-bank', 'phone'),
  detect('us-bank', 'email'),
  detect('us-bank', 'address'),
  detect('us-bank', 'birthdate'),
  detect('us-bank', 'passport'),
  detect('us-bank', 'licence'),
  detect('us-bank', 'ip'),
];

const EU_BANK: readonly Rule[] = [
  fields('eu-bank', 'iban-field', 'iban', 'iban ibannumber ibancode', 'partial'),
  fields(
    'eu-bank',
    'kontonummer-field',
    'account',
    'kontonummer kontonr numerodecompte numerodecuenta rekeningnummer numerocompte numerocuenta numeroconto numerodiconto numerkonta numerrachunku nrkonta nrrachunku',
    'partial',
  ),
  fields(
    'eu-bank',
    'steuer-field',
    'tax-id',
    'steuernummer steueridentifikationsnummer nif codicefiscale bsn nationalinsurancenumber nino',
  ),
  ...commonFields('eu-bank'),
  fields(
    'eu-bank',
    'geburtsdatum-field',
    'birthdate',
    'geburtsdatum datedenaissance fechadenacimiento datadinascita geboortedatum gebdatum gebdat datenaissance fechanacimiento datanascita dataurodzenia',
  ),
  detect('eu-bank', 'card', 'partial'),
  detect('eu-bank', 'iban', 'partial'),
  detect('eu-bank', 'bic'),
  detect('eu-bank', 'account', 'partial'),
  detect('eu-bank', 'phone'),
  detect('eu-bank', 'email'),
  detect('eu-bank', 'address'),
  detect('eu-bank', 'birthdate'),
  detect('eu-bank', 'passport'),
  detect('eu-bank', 'licence'),
  detect('eu-bank', 'ip'),
];

const SECRETS: readonly Rule[] = [
  fields(
    'secrets',
    'password-field',
    'password',
    'password passwd passphrase pwd passwort kennwort contrasena motdepasse userpassword dbpassword contraseña wachtwoord hasło haslo pswd userpwd dbpwd dbpass userpass',
  ),
  fields(
    'secrets',
    'secret-field',
    'secret',
    'secret clientsecret secretkey secretaccesskey awssecretaccesskey apikey apisecret privatekey accesstoken refreshtoken ' +
      'idtoken authtoken bearertoken sessiontoken authorization connectionstring signingkey encryptionkey webhooksecret signingsecret sharedsecret apitoken consumersecret appsecret hmackey jwtsecret subscriptionkey privatetoken',
  ),
  detect('secrets', 'key'),
  detect('secrets', 'jwt'),
  detect('secrets', 'token'),
  detect('secrets', 'password'),
  detect('secrets', 'entropy'),
];

export const PACKS: Readonly<Record<PackName, readonly Rule[]>> = {
  'us-bank': US_BANK,
  'eu-bank': EU_BANK,
  secrets: SECRETS,
};
