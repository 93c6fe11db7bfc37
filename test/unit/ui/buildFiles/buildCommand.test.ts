import assert from 'node:assert/strict';
import { buildsImage } from '../../../../src/ui/buildFiles/buildCommand';

describe('a command line', () => {
  for (const commandLine of [
    'docker build .',
    'docker build -t app:1.0 .',
    '/usr/bin/docker buildx build --push -t app .',
    'docker buildx bake release',
    'docker --context remote image build .',
    'cd app && docker build --tag app .',
    'sudo docker build .',
    'docker compose up --build -d',
    'docker-compose build web',
    'podman build .',
    '"C:\\Program Files\\Docker\\docker.exe" build .',
    'npm ci; docker build .',
  ]) {
    it(`builds an image: ${commandLine}`, () => {
      assert.equal(buildsImage(commandLine), true);
    });
  }

  for (const commandLine of [
    '',
    'npm run build',
    'docker pull app:build',
    'docker images && npm run build',
    'docker compose up -d',
    'mydocker build .',
    'docker-machine build',
  ]) {
    it(`builds none: ${JSON.stringify(commandLine)}`, () => {
      assert.equal(buildsImage(commandLine), false);
    });
  }
});
