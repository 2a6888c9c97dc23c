"""Servers at which nothing is done but moving bytes, so that the clients are what is measured."""
