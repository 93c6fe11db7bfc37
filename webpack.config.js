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

/** @returns {import('webpack').Configuration} */
const common = (mode) => ({
  mode,
  // A change of one file builds in seconds. Packages count as unchanged while their version is.
  cache: { type: 'filesystem', buildDependencies: { config: [__filename] } },
  target: 'node20',
  externals: {
    vscode: 'commonjs vscode',
    bufferutil: 'commonjs bufferutil',
    'utf-8-validate': 'commonjs utf-8-validate',
  },
  resolve: { extensions: ['.ts', '.js'], mainFields: ['module', 'main'], alias: unused },
  devtool: mode === 'production' ? false : 'source-map',
  performance: { hints: false },
  stats: 'errors-warnings',
});

const typescript = { test: /\.ts$/, exclude: /node_modules/, loader: 'ts-loader', options: { transpileOnly: true } };
const folder = path.resolve(__dirname, 'dist');
const ofCli = /^cli[\\/.]/;

/**
 * One CommonJS file for each process, the form that loads fastest in VS Code. A dynamic import stays in it and runs on
 * first use, unless it says `webpackMode: "lazy"`: large libraries and the reader of Compose files (of the server) are
 * files of their own, so that a window starts without what it may never need.
 */
const extension = (mode) => ({
  ...common(mode),
  name: 'extension',
  entry: { extension: './src/extension.ts', server: './src/server/main.ts' },
  output: { path: folder, filename: '[name].js', library: { type: 'commonjs2' }, clean: { keep: ofCli } },
  module: { parser: { javascript: { dynamicImportMode: 'eager' } }, rules: [typescript] },
  optimization: { splitChunks: false },
});

/** The command starts anew each time, so it reads only the files that the call at hand needs. */
const cli = (mode) => ({
  ...common(mode),
  name: 'cli',
  entry: { cli: './src/cli/main.ts' },
  output: {
    path: folder,
    filename: '[name].js',
    chunkFilename: 'cli/[name].js',
    library: { type: 'commonjs2' },
    clean: { keep: (file) => !ofCli.test(file) },
  },
  module: { rules: [typescript] },
  plugins: [new BannerPlugin({ banner: '#!/usr/bin/env node', raw: true, test: /^cli\.js$/ })],
});

module.exports = (_env, { mode = 'production' }) => [extension(mode), cli(mode)];
