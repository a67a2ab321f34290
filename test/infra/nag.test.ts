import { App, Stack } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { attachNag } from '../../lib/nag.ts';
import { buildApp } from './support.ts';

const synth = (app: App) => {
  attachNag(app);
  return () => app.synth();
};

const DOMAIN = {
  domainName: 'mcp.sample-bank.example',
  certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
};

// Two rule packs over a whole stack: seconds on an idle machine, more on a busy one.
describe('cdk-nag', { timeout: 90_000 }, () => {
  it('finds nothing unexplained in the stack', () => {
    expect(synth(buildApp().app)).not.toThrow();
  });

  it('finds nothing unexplained with a custom domain and buffered answers', () => {
    const { app } = buildApp({ endpoint: { responseTransfer: 'buffered', customDomain: DOMAIN } });
    expect(synth(app)).not.toThrow();
  });

  it('finds nothing unexplained where masking asks Amazon Comprehend', () => {
    const { app } = buildApp({ masking: { comprehend: { language: 'en', entities: ['NAME'] } } });
    expect(synth(app)).not.toThrow();
  });

  it('stops the synth at an open bucket, so that its silence means something', () => {
    const app = new App();
    new CfnBucket(new Stack(app, 'Open'), 'Bucket');
    expect(synth(app)).toThrow(/AwsSolutions-S10[\s\S]*NIST.800.53.R5-S3BucketVersioningEnabled/);
  });
});
