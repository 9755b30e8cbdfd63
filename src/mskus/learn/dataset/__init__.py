"""Sets of labelled pictures: folders by convention, import from annotation tools, and the check before training."""
