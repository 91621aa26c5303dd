/** Tells Prometheus. */
package io.watchkeeper.metrics;
