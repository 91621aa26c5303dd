/** Runs runbooks: locks, guards, deadline, retries, cancellation, dry run. */
package io.watchkeeper.engine;
