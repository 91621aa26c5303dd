/** Copies tables between databases. */
package io.watchkeeper.toolkit.copy;
