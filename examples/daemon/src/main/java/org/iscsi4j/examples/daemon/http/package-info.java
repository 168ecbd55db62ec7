/**
 * What a daemon shows over HTTP, read-only: a status page, what it refreshes from, metrics for
 * Prometheus, and whether the server serves.
 */
package org.iscsi4j.examples.daemon.http;
