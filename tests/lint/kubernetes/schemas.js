// Holds rendered objects against the JSON schemas of Kubernetes and of the Prometheus operator, as npm's
// kubernetes-models and @kubernetes-models/prometheus-operator carry them. Stricter than those: a field no schema
// knows is an error, because a cluster drops it and says nothing.
//
//   NODE_PATH=build/lint/node_modules node tests/lint/kubernetes/schemas.js build/lint/kubernetes/*.json
'use strict';
const fs = require('fs');
const validation = require('@kubernetes-models/validate');

// Packages that have classes for a group. Kubernetes' own stand under the group's name without ".k8s.io" as well.
const OPERATORS = {'monitoring.coreos.com': '@kubernetes-models/prometheus-operator/monitoring.coreos.com'};

function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  const copy = {};
  for (const [key, value] of Object.entries(schema)) copy[key] = key === 'enum' ? value : closed(value);
  const open = copy['x-kubernetes-preserve-unknown-fields'] || copy['x-kubernetes-embedded-resource'];
  if (copy.type === 'object' && copy.properties && copy.additionalProperties === undefined && !open) {
    copy.additionalProperties = false;
  }
  return copy;
}
const register = validation.register;
validation.register = (id, schema) => register(id, closed(schema));

function modelOf(apiVersion, kind) {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const place = OPERATORS[group] || (group ? `kubernetes-models/${group}` : 'kubernetes-models');
  try {
    return require(`${place}/${version}/${kind}`)[kind];
  } catch (error) {
    return undefined;
  }
}

function problemsOf(object) {
  const Model = modelOf(object.apiVersion, object.kind);
  if (!Model) return [`no schema for ${object.apiVersion} ${object.kind}`];
  try {
    new Model(object).validate();
    return [];
  } catch (error) {
    if (!error.errors) return [error.message];
    return error.errors.map(
        (e) => `${e.instancePath || '/'} ${e.message}` +
            (e.params && e.params.additionalProperty ? `: ${e.params.additionalProperty}` : ''));
  }
}

let failed = false;
for (const file of process.argv.slice(2)) {
  const objects = JSON.parse(fs.readFileSync(file, 'utf8'));
  const kinds = new Set();
  for (const object of objects) {
    kinds.add(object.kind);
    for (const problem of problemsOf(object)) {
      failed = true;
      console.log(`${file}: ${object.kind} ${object.metadata && object.metadata.name}: ${problem}`);
    }
  }
  console.log(`${file}: ${objects.length} objects of ${kinds.size} kinds`);
}
process.exit(failed ? 1 : 0);
