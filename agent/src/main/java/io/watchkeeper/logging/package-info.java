/** What the agent says on standard error: one line per event, for the journal or for a person, secrets taken out. */
package io.watchkeeper.logging;
