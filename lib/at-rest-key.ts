// The customer managed key of everything stored: tables, evidence bucket, log groups, alarm topic.
// It protects disks, not secrets between colleagues: bodies are encrypted before, under the content key of ledger.ts.
import { ArnFormat, Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** What DynamoDB does with the caller's permission on the table's key; the wildcard `kms:ReEncrypt*` spelt out. */
const DYNAMODB_ACTIONS = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

export class AtRestKey extends Key {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      description: 'Countersign: encryption at rest of tables, evidence bucket and logs',
      enableKeyRotation: true,
      // Destroying it would make locked evidence unreadable, so it outlives the stack.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.allowService('logs', ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'], {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: '*',
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      },
    });
    this.allowService('cloudwatch', ['kms:Decrypt', 'kms:GenerateDataKey'], {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
    });
  }

  /** Lets `grantee` use tables encrypted under this key; the key itself stays out of reach. */
  grantDynamoDb(grantee: IGrantable): Grant {
    return this.grantVia('dynamodb', DYNAMODB_ACTIONS, grantee);
  }

  /** Lets `grantee` write, not read, objects encrypted under this key. */
  grantS3Write(grantee: IGrantable): Grant {
    return this.grantVia('s3', ['kms:GenerateDataKey'], grantee);
  }

  /** Lets `grantee` read, not write, objects encrypted under this key. */
  grantS3Read(grantee: IGrantable): Grant {
    return this.grantVia('s3', ['kms:Decrypt'], grantee);
  }

  /** Lets `grantee` write and read objects encrypted under this key. */
  grantS3Log(grantee: IGrantable): Grant {
    return this.grantVia('s3', ['kms:Decrypt', 'kms:GenerateDataKey'], grantee);
  }

  /** Lets `grantee` read secrets encrypted under this key. */
  grantSecretRead(grantee: IGrantable): Grant {
    return this.grantVia('secretsmanager', ['kms:Decrypt'], grantee);
  }

  private grantVia(service: string, actions: string[], grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [this.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `${service}.${Aws.REGION}.${Aws.URL_SUFFIX}` } },
    });
  }

  private allowService(service: string, actions: string[], conditions: Record<string, Record<string, string>>): void {
    const principals = [new ServicePrincipal(`${service}.amazonaws.com`)];
    this.addToResourcePolicy(new PolicyStatement({ principals, actions, resources: ['*'], conditions }));
  }
}
