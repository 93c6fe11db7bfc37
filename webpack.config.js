'use strict';

const path = require('node:path');
const { BannerPlugin } = require('webpack');

/** Parts of dockerode that we do not use (SSH, BuildKit sessions, packing folders). */
const unused = {
  ssh2: false,
  'cpu-features': false,
  '@grpc/grpc-js': false,
  '@grpc/proto-loader': false,
  protobufjs: false,
  'tar-fs': false,
  [path.resolve(__dirname, 'node_modules/dockerode/lib/session.js')]: false,
};

/**
 * One CommonJS file for each process, the form that loads fastest in VS Code. A dynamic import stays in it and runs on
 * first use, unless it says `webpackMode: "lazy"`: the language client, the reader of Compose files (of the server) and
 * undici are files of their own, for windows that meet no build file, no Compose file and no registry.
 */
module.exports = (_env, { mode = 'production' }) => ({
  mode,
  target: 'node20',
  entry: { extension: './src/extension.ts', server: './src/server/main.ts', cli: './src/cli/main.ts' },
  output: { path: path.resolve(__dirname, 'dist'), filename: '[name].js', library: { type: 'commonjs2' }, clean: true },
  externals: {
    vscode: 'commonjs vscode',
    bufferutil: 'commonjs bufferutil',
    'utf-8-validate': 'commonjs utf-8-validate',
  },
  resolve: { extensions: ['.ts', '.js'], mainFields: ['module', 'main'], alias: unused },
  module: {
    parser: { javascript: { dynamicImportMode: 'eager' } },
    rules: [{ test: /\.ts$/, exclude: /node_modules/, loader: 'ts-loader', options: { transpileOnly: true } }],
  },
  optimization: { splitChunks: false },
  devtool: mode === 'production' ? false : 'source-map',
  plugins: [new BannerPlugin({ banner: '#!/usr/bin/env node', raw: true, entryOnly: true, test: /^cli\.js$/ })],
  performance: { hints: false },
  stats: 'errors-warnings',
});
