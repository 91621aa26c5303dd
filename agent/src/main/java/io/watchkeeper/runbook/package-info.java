/** What a runbook is, and what becomes of its runs. */
package io.watchkeeper.runbook;
