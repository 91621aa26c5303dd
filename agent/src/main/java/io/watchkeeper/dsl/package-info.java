/** The runbook language: from a Groovy file to an immutable {@link io.watchkeeper.runbook.Runbook}, or to problems with their place. */
package io.watchkeeper.dsl;
