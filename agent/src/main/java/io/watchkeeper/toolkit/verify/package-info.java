/** Compares tables of two databases, and makes them the same. */
package io.watchkeeper.toolkit.verify;
