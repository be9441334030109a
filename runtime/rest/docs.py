from flask import Blueprint


def install(b):
    pass
