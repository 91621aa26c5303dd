/** What is wrong, said so that an operator can act on it. */
package io.watchkeeper.problem;
