"""Networks written as short plain PyTorch modules, for zoo models that neither transformers nor diffusers has."""
