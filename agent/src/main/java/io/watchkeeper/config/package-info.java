/** The configuration file. */
package io.watchkeeper.config;
