/** Amounts with their unit in the type. */
package io.watchkeeper.units;
