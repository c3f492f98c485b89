/**
 * Help for tests of code that makes signals: a JUnit Jupiter extension and AssertJ
 * assertions. Needs those libraries, which this one does not bring.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.test;
