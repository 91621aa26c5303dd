/** Tells people. */
package io.watchkeeper.alert;
