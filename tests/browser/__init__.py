"""Tests that open the page in headless Chromium."""
