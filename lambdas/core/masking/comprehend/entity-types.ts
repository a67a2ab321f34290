// What Amazon Comprehend finds in text, by its own names (API reference, PiiEntity), and how that is called here. Pure.

/** All types of DetectPiiEntities; `ALL` is a word of its batch jobs only. */
export const ENTITY_TYPES = [
  'NAME',
  'ADDRESS',
  'AGE',
  'DATE_TIME',
  'EMAIL',
  'PHONE',
  'URL',
  'USERNAME',
  'PASSWORD',
  'PIN',
  'SSN',
  'PASSPORT_NUMBER',
  'DRIVER_ID',
  'LICENSE_PLATE',
  'VEHICLE_IDENTIFICATION_NUMBER',
  'BANK_ACCOUNT_NUMBER',
  'BANK_ROUTING',
  'INTERNATIONAL_BANK_ACCOUNT_NUMBER',
  'SWIFT_CODE',
  'CREDIT_DEBIT_NUMBER',
  'CREDIT_DEBIT_CVV',
  'CREDIT_DEBIT_EXPIRY',
  'AWS_ACCESS_KEY',
  'AWS_SECRET_KEY',
  'IP_ADDRESS',
  'MAC_ADDRESS',
  'CA_HEALTH_NUMBER',
  'CA_SOCIAL_INSURANCE_NUMBER',
  'IN_AADHAAR',
  'IN_NREGA',
  'IN_PERMANENT_ACCOUNT_NUMBER',
  'IN_VOTER_NUMBER',
  'UK_NATIONAL_HEALTH_SERVICE_NUMBER',
  'UK_NATIONAL_INSURANCE_NUMBER',
  'UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER',
  'US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER',
] as const;

export type EntityType = (typeof ENTITY_TYPES)[number];

const TYPES: ReadonlySet<string> = new Set(ENTITY_TYPES);

export const isEntityType = (name: string): name is EntityType => TYPES.has(name);

/** Stands in entries and in exceptions. A bank's own rules have ids in small letters, so none can be taken for it. */
export const entityRuleId = (type: EntityType): string => `comprehend.${type}`;

/**
 * Labels that are not the type's name: too long for one, or the name of a detector whose masks tell the detectors what
 * follows them. Masking what is masked could then find more than before.
 */
const LABELS: Partial<Record<EntityType, string>> = {
  PHONE: 'phone-number',
  PASSWORD: 'login-password',
  SSN: 'social-security-number',
  INTERNATIONAL_BANK_ACCOUNT_NUMBER: 'international-account-number',
  UK_NATIONAL_HEALTH_SERVICE_NUMBER: 'uk-health-number',
  UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER: 'uk-taxpayer-number',
  US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER: 'us-taxpayer-number',
};

export const entityLabel = (type: EntityType): string => LABELS[type] ?? type.toLowerCase().replaceAll('_', '-');
