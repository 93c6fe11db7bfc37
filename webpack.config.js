'use strict';

const path = require('node:path');

/** Parts of dockerode that we do not use: SSH and BuildKit sessions bring native modules and hundreds of KiB. */
const unusedDocker = {
  ssh2: false,
  'cpu-features': false,
  '@grpc/grpc-js': false,
  '@grpc/proto-loader': false,
  protobufjs: false,
  [path.resolve(__dirname, 'node_modules/dockerode/lib/session.js')]: false,
};

/** One CommonJS file for each process: the form that loads fastest in VS Code. */
module.exports = (_env, { mode = 'production' }) => ({
  mode,
  target: 'node20',
  entry: { extension: './src/extension.ts', server: './src/server/main.ts' },
  output: { path: path.resolve(__dirname, 'dist'), filename: '[name].js', library: { type: 'commonjs2' }, clean: true },
  externals: { vscode: 'commonjs vscode', bufferutil: 'commonjs bufferutil', 'utf-8-validate': 'commonjs utf-8-validate' },
  resolve: { extensions: ['.ts', '.js'], mainFields: ['module', 'main'], alias: unusedDocker },
  module: { rules: [{ test: /\.ts$/, exclude: /node_modules/, loader: 'ts-loader', options: { transpileOnly: true } }] },
  // A dynamic import stays lazy (the module runs on first use) and still lands in the one file of its process.
  plugins: [new (require('webpack').optimize.LimitChunkCountPlugin)({ maxChunks: 1 })],
  optimization: { splitChunks: false },
  devtool: mode === 'production' ? false : 'source-map',
  performance: { hints: false },
  stats: 'errors-warnings',
});
